"""The forms that any report of tables is written in: a page, a workbook, CSV, Parquet, Markdown."""
