"""Keras and TensorFlow. Import them from here: TensorFlow reads its settings when imported."""

import os

# Only errors, no notes about this machine's CPU.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
# Where the CPU has no AVX-512, TensorFlow leaves oneDNN off, which halves the speed of photos.
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")

import keras
import tensorflow as tf

__all__ = ["keras", "tf"]
