"""Parts of pages as plain functions: what templates/components/*.html give to templates under short names.

A page of forty fields prints some six hundred small pieces; as macros that call each other they cost more than
everything else that its request does. Every text passes `html` (escaped), every address and code as well.
"""
