"""The shared page kit: guards, forms, error pages, navigation, health."""
