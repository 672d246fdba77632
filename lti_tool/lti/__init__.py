"""The LTI 1.3 protocol without a web framework: login, launch, keys, services, deep linking."""
