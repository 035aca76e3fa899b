from django.apps import AppConfig


class ProductsConfig(AppConfig):
    name = "crm.products"
    label = "products"
