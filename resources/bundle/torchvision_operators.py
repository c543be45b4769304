"""Run by a bundle before the program where torchvision's compiled operators do not load, because it was built for
CUDA and PyTorch was not. Nothing here needs them; torchvision only wants two to be known."""

import importlib.abc
import sys


class _Operators(importlib.abc.MetaPathFinder):
    def find_spec(self, name, *_):
        """Make the operators known when torchvision is imported, and not before: it takes PyTorch's import."""
        if name == "torchvision":
            sys.meta_path.remove(self)
            import torch

            self.library = torch.library.Library("torchvision", "DEF")
            for operator in ("nms", "qnms"):
                self.library.define(f"{operator}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
            sys.modules["_torchvision_operators"] = self  # the operators live as long as their library


sys.meta_path.insert(0, _Operators())
