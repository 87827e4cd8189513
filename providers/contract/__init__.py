"""What everyone who draws, writes or translates must keep, as tests that a plugin's author runs.

An author brings a rig: the provider over a wire of the author's own, which can be told to fail
(``providers.contract.rig``). It is run in one of two ways, both with pytest installed:

- in the author's own tests, by a subclass with a fixture::

      from providers.contract.images import ImageProviderContract

      class TestAcme(ImageProviderContract):
          @pytest.fixture
          def rig(self):
              with acme_rig() as rig:
                  yield rig

- or by an entry point, and then ``pytest --pyargs providers.contract``::

      [project.entry-points."kampanj.image_rigs"]
      acme = "acme_rig:acme_rig"

Nothing here is imported by the program, and only the modules with tests import pytest.
"""
