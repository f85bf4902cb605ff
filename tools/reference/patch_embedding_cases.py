"""Vision transformers and networks that look like them, for patch_embeddings.py, with hand labels of their patch embeddings.

The labels are written from reading each network's forward pass, all but `origin`, which is the exporters' doing and read off their
graphs. `found` and `refused` say what the fields mean; names of modules tell where the vectors of patches and z0 are, to be found in
the graph by comparing numbers.
"""

from dataclasses import dataclass
from functools import partial

import transformers as hf
from timm import models as timm_models
from timm.layers import set_fused_attn
from timm.models.vision_transformer import VisionTransformer
from torch import nn
from torchvision.models.vision_transformer import ConvStemConfig, VisionTransformer as TorchvisionViT

from patch_embedding_networks import (
    CLASSES, HEADS, PATCH, SIZE, D, FactoredPositions, Logits, MapNorm, QueryPositions, ReshapedPatches, UnfoldPatches,
    Written,
)


@dataclass
class Case:
    build: object
    label: dict
    # Module whose output is E·patch + b, and the one whose first input is z0.
    projection: str = ""
    first: str = ""
    size: int = SIZE
    opset: int = 17
    # Some operators have no export by the one or the other; large graphs are kept once.
    exporters: tuple = ("torchscript", "dynamo")
    # dynamo folds an interpolated E_pos into a constant unless told not to optimize.
    optimize: bool = True


def found(grid=(4, 4), patch=(PATCH, PATCH), width=D, others=(("class", 1, "before-addition"),), **more):
    """
    others: kind, count, joined, in the order of z0; a fourth entry where they stand behind the patches.
    covers: E_pos has rows for them. between, before, behind: kinds of normalizations.
    origin: how E_pos comes to be in the exported graphs; a pair where the exporters differ (torchscript, dynamo). BatchNorms behind
    a convolution are merged into it by both.
    """
    defaults = {
        "kind": "conv", "kernel": patch, "overlaps": False, "readsPixels": True, "bias": True, "layout": "tokens",
        "covers": bool(others), "origin": "constant", "between": [], "before": [], "behind": [],
    }
    unknown = set(more) - set(defaults)
    assert not unknown, unknown
    return {"found": True, "grid": grid, "patch": patch, "width": width, "others": others, **defaults, **more}


def refused(reason, positions=None):
    return {"found": False, "reason": reason, "positions": positions}


vit = partial(VisionTransformer, img_size=SIZE, patch_size=PATCH, embed_dim=D, depth=1, num_heads=HEADS, num_classes=CLASSES)
timm_hooks = {"projection": "patch_embed.proj", "first": "blocks.0"}


def unfused(build):
    """With attention written out: the fused operator has no TorchScript export in some of timm's networks."""

    def built():
        set_fused_attn(False)
        try:
            return build()
        finally:
            set_fused_attn(True)

    return built


def timm_case(build, label, **more):
    return Case(build, label, **{**timm_hooks, **more})


def resnet_vit():
    from timm.layers import HybridEmbed
    from timm.models.resnet import ResNet, BasicBlock

    backbone = ResNet(BasicBlock, (1, 1, 1, 1), channels=(8, 16, 16, 16), num_classes=0, global_pool="", output_stride=16)
    return vit(img_size=64, embed_layer=partial(HybridEmbed, backbone=backbone), patch_size=1)


def hf_config(kind, **more):
    sizes = {"hidden_size": D, "num_hidden_layers": 1, "num_attention_heads": HEADS, "intermediate_size": 2 * D}
    return kind(image_size=SIZE, patch_size=PATCH, num_labels=CLASSES, attn_implementation="eager", **{**sizes, **more})


TIMM = {
    "timm_vit": timm_case(vit, found(), opset=14),
    "timm_vit_gap": timm_case(partial(vit, class_token=False, global_pool="avg"), found(others=()), opset=16),
    "timm_vit_registers": timm_case(
        partial(vit, reg_tokens=4),
        found(others=(("class", 1, "before-addition"), ("register", 4, "before-addition"))), opset=14,
    ),
    "timm_vit_registers_after": timm_case(
        partial(vit, reg_tokens=4, no_embed_class=True),
        found(others=(("class", 1, "after-addition"), ("register", 4, "after-addition")), covers=False), opset=15,
    ),
    "timm_deit3": timm_case(
        partial(vit, no_embed_class=True, init_values=1e-6),
        found(others=(("class", 1, "after-addition"),), covers=False), opset=18,
    ),
    "timm_deit_distilled": timm_case(
        partial(
            timm_models.deit.VisionTransformerDistilled, img_size=SIZE, patch_size=PATCH, embed_dim=D, depth=1,
            num_heads=HEADS, num_classes=CLASSES,
        ),
        found(others=(("class", 1, "before-addition"), ("distillation", 1, "before-addition"))),
    ),
    "timm_vit_dynamic": timm_case(
        partial(vit, dynamic_img_size=True), found(grid=(6, 6), origin="interpolated"), size=48,
        exporters=("dynamo",), optimize=False,
    ),
    "timm_vit_clip": timm_case(
        partial(vit, pre_norm=True), found(bias=False, behind=["layer"]), first="norm_pre", opset=20
    ),
    "timm_vit_embed_norm": timm_case(
        partial(vit, embed_norm_layer=nn.LayerNorm), found(between=["layer"]), opset=17
    ),
    "timm_vit_relative": timm_case(
        partial(
            timm_models.vision_transformer_relpos.VisionTransformerRelPos, img_size=SIZE, patch_size=PATCH, embed_dim=D,
            depth=1, num_heads=HEADS, num_classes=CLASSES,
        ),
        refused("no-positions", "relative"),
    ),
    "timm_beit": timm_case(
        partial(
            timm_models.beit.Beit, img_size=SIZE, patch_size=PATCH, embed_dim=D, depth=1, num_heads=HEADS,
            num_classes=CLASSES, use_abs_pos_emb=False, use_rel_pos_bias=True,
        ),
        refused("no-positions", "relative"),
    ),
    "timm_beit_absolute": timm_case(
        partial(
            timm_models.beit.Beit, img_size=SIZE, patch_size=PATCH, embed_dim=D, depth=1, num_heads=HEADS,
            num_classes=CLASSES, use_abs_pos_emb=True, use_rel_pos_bias=True,
        ),
        found(),
    ),
    "timm_eva": timm_case(
        unfused(partial(
            timm_models.eva.Eva, img_size=SIZE, patch_size=PATCH, embed_dim=D, depth=1, num_heads=HEADS,
            num_classes=CLASSES, use_abs_pos_emb=True, use_rot_pos_emb=True,
        )),
        found(), opset=18,
    ),
    "timm_eva_rotary": timm_case(
        unfused(partial(
            timm_models.eva.Eva, img_size=SIZE, patch_size=PATCH, embed_dim=D, depth=1, num_heads=HEADS,
            num_classes=CLASSES, use_abs_pos_emb=False, use_rot_pos_emb=True,
        )),
        refused("no-positions", "rotary"),
    ),
    "timm_cait": timm_case(
        partial(
            timm_models.cait.Cait, img_size=SIZE, patch_size=PATCH, embed_dim=D, depth=1, num_heads=HEADS,
            num_classes=CLASSES, depth_token_only=1,
        ),
        found(others=()),
    ),
    "timm_xcit": timm_case(
        partial(
            timm_models.xcit.Xcit, img_size=SIZE, patch_size=PATCH, embed_dim=D, depth=1, num_heads=HEADS,
            num_classes=CLASSES, cls_attn_layers=1,
        ),
        found(
            patch=(2, 2), kernel=(3, 3), overlaps=True, readsPixels=False, others=(), origin="computed",
        ),
        projection="patch_embed.proj.4",
    ),
    "timm_hybrid": timm_case(resnet_vit, found(grid=(4, 4), patch=(1, 1), readsPixels=False), size=64),
    "timm_flexivit": timm_case(
        partial(vit, no_embed_class=True, dynamic_img_size=True),
        found(others=(("class", 1, "after-addition"),), covers=False), opset=19,
    ),
    "timm_mixer": timm_case(
        partial(
            timm_models.mlp_mixer.MlpMixer, img_size=SIZE, patch_size=PATCH, embed_dim=D, num_blocks=1, num_classes=CLASSES
        ),
        refused("no-positions", "none"), projection="stem.proj",
    ),
    "timm_swin": timm_case(
        partial(
            timm_models.swin_transformer.SwinTransformer, img_size=SIZE, patch_size=4, window_size=4, embed_dim=24,
            depths=(2,), num_heads=(3,), num_classes=CLASSES,
        ),
        refused("no-positions", "relative"), first="",
    ),
    "timm_twins": timm_case(
        partial(
            timm_models.twins.Twins, img_size=SIZE, patch_size=4, embed_dims=(24, 48, 48, 48), num_heads=(1, 3, 3, 3),
            depths=(1, 1, 1, 1), wss=None, num_classes=CLASSES, sr_ratios=(2, 2, 2, 1),
        ),
        refused("no-positions", "convolutional"), projection="patch_embeds.0.proj", first="", exporters=("dynamo",), size=64,
    ),
    "timm_pvt_v2": timm_case(
        partial(
            timm_models.pvt_v2.PyramidVisionTransformerV2, depths=(1, 1, 1, 1), embed_dims=(16, 16, 16, 16),
            num_heads=(1, 1, 1, 1), num_classes=CLASSES,
        ),
        refused("no-patches"), first="", exporters=("dynamo",), size=64,
    ),
    "timm_convnext": timm_case(
        partial(timm_models.convnext.ConvNeXt, depths=(1, 1, 1, 1), dims=(16, 16, 16, 16), num_classes=CLASSES),
        refused("no-positions", "convolutional"), projection="stem.0", first="", size=64,
    ),
    "timm_poolformer": timm_case(
        partial(
            timm_models.metaformer.MetaFormer, depths=(1, 1, 1, 1), dims=(16, 16, 16, 16), num_classes=CLASSES,
            token_mixers=timm_models.metaformer.Pooling, norm_layers=timm_models.metaformer.GroupNorm1,
        ),
        refused("no-patches"), projection="", first="", size=64,
    ),
    "timm_visformer": timm_case(
        partial(
            timm_models.visformer.Visformer, img_size=64, init_channels=8, embed_dim=32, depth=(1, 1, 1), num_heads=2,
            num_classes=CLASSES,
        ),
        found(
            grid=(8, 8), patch=(4, 4), width=16, readsPixels=False, others=(), layout="map",
        ),
        projection="patch_embed1.proj", first="stage1.0", size=64,
    ),
    "timm_sam": timm_case(
        partial(
            timm_models.vision_transformer_sam.VisionTransformerSAM, img_size=SIZE, patch_size=PATCH, embed_dim=D, depth=1,
            num_heads=HEADS, num_classes=CLASSES, neck_chans=16, use_rel_pos=False,
        ),
        found(others=(), layout="map"), first="blocks.0", exporters=("torchscript",),
    ),
    "timm_hiera": timm_case(
        partial(
            timm_models.hiera.Hiera, img_size=(SIZE, SIZE), embed_dim=24, num_heads=1, stages=(1, 1),
            q_pool=1, mask_unit_size=(4, 4), mask_unit_attn=(True, False), num_classes=CLASSES,
        ),
        found(grid=(8, 8), patch=(4, 4), kernel=(7, 7), overlaps=True, width=24, others=()),
        projection="patch_embed.proj", first="", exporters=("torchscript",),
    ),
    "timm_pit": timm_case(
        partial(
            timm_models.pit.PoolingVisionTransformer, img_size=SIZE, patch_size=PATCH, stride=4, base_dims=(16, 16, 16),
            depth=(1, 1, 1), heads=(1, 1, 1), mlp_ratio=2, num_classes=CLASSES,
        ),
        found(
            grid=(7, 7), patch=(4, 4), kernel=(8, 8), overlaps=True, width=16, layout="map",
            others=(("class", 1, "after-addition"),), covers=False,
        ),
        projection="patch_embed.conv", first="",
    ),
}

TORCHVISION = {
    "tv_vit": Case(
        partial(
            TorchvisionViT, image_size=SIZE, patch_size=PATCH, num_layers=1, num_heads=HEADS, hidden_dim=D, mlp_dim=2 * D,
            num_classes=CLASSES,
        ),
        found(), projection="conv_proj", first="encoder.layers.encoder_layer_0", opset=14,
    ),
    "tv_vit_conv_stem": Case(
        partial(
            TorchvisionViT, image_size=SIZE, patch_size=8, num_layers=1, num_heads=HEADS, hidden_dim=D, mlp_dim=2 * D,
            num_classes=CLASSES, conv_stem_configs=[ConvStemConfig(16, 3, 2)] * 3,
        ),
        found(patch=(1, 1), readsPixels=False), projection="conv_proj.conv_last",
        first="encoder.layers.encoder_layer_0",
    ),
}


def hf_case(config, model, label, projection="", first="", options=None, width=D, **more):
    build = lambda: Logits(model(config()), width, **(options or {}))
    prefix = lambda name: f"model.{name}" if name else ""
    return Case(build, label, projection=prefix(projection), first=prefix(first), **more)


HF = {
    "hf_vit": hf_case(
        partial(hf_config, hf.ViTConfig), hf.ViTModel, found(), "embeddings.patch_embeddings.projection", "layers.0"
    ),
    "hf_vit_interpolated": hf_case(
        partial(hf_config, hf.ViTConfig), hf.ViTForImageClassification,
        found(grid=(6, 5), origin=("interpolated", "constant")), "vit.embeddings.patch_embeddings.projection",
        "vit.layers.0", {"interpolate_pos_encoding": True}, size=(48, 40), opset=13,
    ),
    "hf_deit": hf_case(
        partial(hf_config, hf.DeiTConfig), hf.DeiTForImageClassificationWithTeacher,
        found(others=(("class", 1, "before-addition"), ("distillation", 1, "before-addition"))),
        "deit.embeddings.patch_embeddings.projection", "deit.layers.0",
    ),
    "hf_dinov2": hf_case(
        partial(hf_config, hf.Dinov2Config), hf.Dinov2Model, found(origin=("interpolated", "constant")),
        "embeddings.patch_embeddings.projection", "encoder.layer.0", opset=18,
    ),
    "hf_dinov2_registers": hf_case(
        partial(hf_config, hf.Dinov2WithRegistersConfig, num_register_tokens=4), hf.Dinov2WithRegistersModel,
        found(others=(("class", 1, "before-addition"), ("register", 4, "after-addition"))),
        "embeddings.patch_embeddings.projection", "encoder.layer.0", exporters=("dynamo",),
    ),
    "hf_dinov3": hf_case(
        partial(hf_config, hf.DINOv3ViTConfig), hf.DINOv3ViTModel, refused("no-positions", "rotary"),
        "embeddings.patch_embeddings",
    ),
    "hf_clip": hf_case(
        partial(hf_config, hf.CLIPVisionConfig), hf.CLIPVisionModel,
        found(bias=False, behind=["layer"], origin=("sliced", "constant")),
        "embeddings.patch_embedding", "pre_layrnorm", opset=16,
    ),
    "hf_siglip": hf_case(
        partial(hf_config, hf.SiglipVisionConfig), hf.SiglipVisionModel, found(others=(), origin=("sliced", "constant")),
        "embeddings.patch_embedding", "encoder.layers.0",
    ),
    "hf_beit": hf_case(
        partial(hf_config, hf.BeitConfig, use_relative_position_bias=True), hf.BeitModel,
        refused("no-positions", "relative"), exporters=("dynamo",),
    ),
    "hf_beit_absolute": hf_case(
        partial(hf_config, hf.BeitConfig, use_absolute_position_embeddings=True), hf.BeitModel,
        found(origin=("interpolated", "constant")),
        "embeddings.patch_embeddings.projection", "layers.0",
    ),
    "hf_mae": hf_case(
        partial(hf_config, hf.ViTMAEConfig, mask_ratio=0.0), hf.ViTMAEModel,
        found(others=(), origin="constant"), "embeddings.patch_embeddings.projection",
    ),
    "hf_yolos": hf_case(
        lambda: hf.YolosConfig(
            image_size=[SIZE, SIZE], patch_size=PATCH, hidden_size=D, num_hidden_layers=1, num_attention_heads=HEADS,
            intermediate_size=2 * D, num_detection_tokens=5,
        ),
        hf.YolosModel,
        found(others=(("class", 1, "before-addition"), ("detection", 5, "before-addition", "behind-patches")),
              origin=("interpolated", "constant")),
        "embeddings.patch_embeddings.projection",
    ),
    "hf_swin_absolute": hf_case(
        lambda: hf.SwinConfig(
            image_size=SIZE, patch_size=4, embed_dim=24, depths=[1], num_heads=[3], window_size=4,
            use_absolute_embeddings=True,
        ),
        hf.SwinModel, found(grid=(8, 8), patch=(4, 4), width=24, others=(), between=["layer"]),
        "embeddings.patch_embeddings.projection", width=24,
    ),
    "hf_pvt": hf_case(
        lambda: hf.PvtConfig(
            image_size=SIZE, hidden_sizes=[16, 16, 16, 16], depths=[1, 1, 1, 1], num_attention_heads=[1, 1, 1, 1],
            num_labels=CLASSES,
        ),
        hf.PvtForImageClassification,
        found(
            grid=(8, 8), patch=(4, 4), width=16, others=(), between=["layer"], origin=("interpolated", "constant"),
        ),
        "pvt.encoder.patch_embeddings.0.projection",
    ),
    "hf_mobilevit": hf_case(
        lambda: hf.MobileViTConfig(image_exporters=("dynamo",), size=64, num_labels=CLASSES), hf.MobileViTForImageClassification,
        refused("no-patches"), size=64,
    ),
}
WRITTEN = {
    "unfold": Case(
        lambda: Written(UnfoldPatches()), found(kind="unfold"), projection="patches.proj", first="block", opset=15
    ),
    "reshaped": Case(
        lambda: Written(ReshapedPatches(), "after"),
        found(kind="unfold", others=(("class", 1, "after-addition"),), covers=False),
        projection="patches.proj", first="block",
    ),
    "reshaped_bare": Case(
        lambda: Written(ReshapedPatches(bias=False), ""), found(kind="unfold", bias=False, others=()),
        projection="patches.proj", first="block",
    ),
    "reshaped_normalized": Case(
        lambda: Written(ReshapedPatches(norms=True), ""),
        found(kind="unfold", others=(), before=["layer"], between=["layer"]),
        projection="patches.proj", first="block", opset=13,
    ),
    "without_positions": Case(
        lambda: Written(ReshapedPatches(), "before", positions=False), refused("no-positions", "none"),
        projection="patches.proj",
    ),
    "factored": Case(
        FactoredPositions, found(others=(), layout="map", origin="constant"), projection="proj", first="",
    ),
    "map_norm": Case(MapNorm, refused("no-positions", "convolutional"), opset=13),
    "query_positions": Case(QueryPositions, refused("used-without"), projection="proj"),
}

CASES = {**TIMM, **TORCHVISION, **HF, **WRITTEN}
