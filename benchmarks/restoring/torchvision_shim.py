"""Import before basicsr: it wants a torchvision module whose one public function has moved (torchvision 0.17)."""

import sys

import torchvision.transforms.functional

sys.modules["torchvision.transforms.functional_tensor"] = torchvision.transforms.functional
