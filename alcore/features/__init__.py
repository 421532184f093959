"""Features of a frozen backbone, computed once per dataset.

rows = FeatureCache(folder).rows(dataset, backbone, progress)
Embedded(dataset, rows).features(positions)
"""

from alcore.features.cache import FeatureCache
from alcore.features.embedded import Embedded, in_memory
from alcore.features.rows import FeatureRows

__all__ = ["Embedded", "FeatureCache", "FeatureRows", "in_memory"]
