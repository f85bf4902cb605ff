"""One Grad-CAM picture with pytorch-grad-cam from a cold start, for bench/cold.ts: python cold.py <model> <image> <out.png>."""

import sys

import numpy as np
from PIL import Image
from pytorch_grad_cam import GradCAM
from pytorch_grad_cam.utils.image import preprocess_image, show_cam_on_image

from speed import build, target_layer, tokens_to_map

name, image, out = sys.argv[1:]
model = build(name)
pixels = np.float32(Image.open(image).convert("RGB").resize((224, 224))) / 255
inputs = preprocess_image(pixels, mean=[0.485, 0.456, 0.406], std=[0.229, 0.224, 0.225])
with GradCAM(model, [target_layer(name, model)], tokens_to_map(name)) as cam:
    Image.fromarray(show_cam_on_image(pixels, cam(inputs, None)[0], use_rgb=True)).save(out)
