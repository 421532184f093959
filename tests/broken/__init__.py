"""Strategies and models broken on purpose, each as some library or beginner has done it."""
