"""Limits by campaign, class, channel, period and provider; budget that is moved; forecasts."""
