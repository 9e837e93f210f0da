"""The properties of OpenFX 1.5 by set: type, dimension (0: any) and whether a plug-in may write them. Facts of the standard."""

from __future__ import annotations

import re
from dataclasses import dataclass

STATUSES = {0: "OK", 1: "Failed", 2: "ErrFatal", 3: "ErrUnknown", 4: "ErrMissingHostFeature", 5: "ErrUnsupported", 6: "ErrExists",
            7: "ErrFormat", 8: "ErrMemory", 9: "ErrBadHandle", 10: "ErrBadIndex", 11: "ErrValue", 12: "ReplyYes", 13: "ReplyNo",
            14: "ReplyDefault", 1000: "ErrImageFormat"}  # fmt: skip


@dataclass(frozen=True)
class Kind:
    """What a property is: s string, i int, d double, p pointer."""

    type: str
    dimension: int
    writable: bool


def _set(lines: str) -> dict[str, Kind]:
    """Words of a text: NAME:type dimension, w where a plug-in writes it; names without their Ofx."""
    found = {}
    for word in lines.split():
        name, _, rest = word.partition(":")
        match = re.fullmatch(r"([sidp])(\d*)(w?)", rest)
        assert match, word
        found["Ofx" + name] = Kind(match[1], int(match[2] or 1), bool(match[3]))
    return found


HOST = _set("""
    PropAPIVersion:i0 PropType:s PropName:s PropLabel:s PropVersion:i0 PropVersionLabel:s ImageEffectHostPropIsBackground:i
    ImageEffectPropSupportsOverlays:i ImageEffectPropSupportsMultiResolution:i ImageEffectPropSupportsTiles:i ImageEffectPropTemporalClipAccess:i
    ImageEffectPropSupportedComponents:s0 ImageEffectPropSupportedContexts:s0 ImageEffectPropSupportedPixelDepths:s0 ImageEffectPropMultipleClipDepths:i
    ImageEffectPropSupportsMultipleClipPARs:i ImageEffectPropSetableFrameRate:i ImageEffectPropSetableFielding:i ParamHostPropSupportsCustomInteract:i
    ParamHostPropSupportsStringAnimation:i ParamHostPropSupportsChoiceAnimation:i ParamHostPropSupportsBooleanAnimation:i
    ParamHostPropSupportsCustomAnimation:i ParamHostPropMaxParameters:i ParamHostPropMaxPages:i ParamHostPropPageRowColumnCount:i2
    PropHostOSHandle:p ImageEffectInstancePropSequentialRender:i ImageEffectHostPropNativeOrigin:s
    ImageEffectPropColourManagementStyle:s ImageEffectPropColourManagementAvailableConfigs:s0""")
DESCRIPTOR = _set("""
    PropType:s PropLabel:sw PropShortLabel:sw PropLongLabel:sw PropVersion:i0w PropVersionLabel:sw PropPluginDescription:sw
    ImageEffectPropSupportedContexts:s0w ImageEffectPluginPropGrouping:sw ImageEffectPluginPropSingleInstance:iw
    ImageEffectPluginRenderThreadSafety:sw ImageEffectPluginPropHostFrameThreading:iw ImageEffectPropSupportsMultiResolution:iw
    ImageEffectPropSupportsTiles:iw ImageEffectPropTemporalClipAccess:iw ImageEffectPropSupportedPixelDepths:s0w
    ImageEffectPluginPropFieldRenderTwiceAlways:iw ImageEffectPropMultipleClipDepths:iw ImageEffectPropSupportsMultipleClipPARs:iw
    ImageEffectPropClipPreferencesSlaveParam:s0w PluginPropFilePath:s ImageEffectPropColourManagementStyle:sw
    ImageEffectPropColourManagementAvailableConfigs:s0w""")
INSTANCE = _set("""
    PropType:s ImageEffectPropContext:s PropInstanceData:pw ImageEffectPropProjectSize:d2 ImageEffectPropProjectOffset:d2
    ImageEffectPropProjectExtent:d2 ImageEffectPropPixelAspectRatio:d ImageEffectInstancePropEffectDuration:d
    ImageEffectInstancePropSequentialRender:iw ImageEffectPropSupportsTiles:iw ImageEffectPropFrameRate:d PropIsInteractive:i
    ImageEffectPropOCIOConfig:s ImageEffectPropColourManagementConfig:s ImageEffectPropColourManagementStyle:s PluginPropFilePath:s""")
CLIP_DESCRIPTOR = _set("""
    PropType:s PropName:s PropLabel:sw PropShortLabel:sw PropLongLabel:sw ImageEffectPropSupportedComponents:s0w
    ImageEffectPropTemporalClipAccess:iw ImageClipPropOptional:iw ImageClipPropFieldExtraction:sw ImageClipPropIsMask:iw
    ImageEffectPropSupportsTiles:iw""")
CLIP = {name: Kind(kind.type, kind.dimension, False) for name, kind in CLIP_DESCRIPTOR.items()} | _set("""
    ImageClipPropColourspace:s ImageEffectPropPixelDepth:s ImageEffectPropComponents:s ImageClipPropUnmappedPixelDepth:s
    ImageClipPropUnmappedComponents:s ImageEffectPropPreMultiplication:s ImagePropPixelAspectRatio:d ImageEffectPropFrameRate:d
    ImageEffectPropFrameRange:d2 ImageClipPropFieldOrder:s ImageClipPropConnected:i ImageEffectPropUnmappedFrameRange:d2
    ImageEffectPropUnmappedFrameRate:d ImageClipPropContinuousSamples:i""")
IMAGE = _set("""
    PropType:s ImageEffectPropPixelDepth:s ImageEffectPropComponents:s ImageEffectPropPreMultiplication:s ImageEffectPropRenderScale:d2
    ImagePropPixelAspectRatio:d ImagePropData:p ImagePropBounds:i4 ImagePropRegionOfDefinition:i4 ImagePropRowBytes:i ImagePropField:s
    ImagePropUniqueIdentifier:s""")
PARAMETER_SET = _set("PropParamSetNeedsSyncing:iw PluginPropParamPageOrder:s0w")
_COMMON = _set("""
    PropType:s PropName:s PropLabel:sw PropShortLabel:sw PropLongLabel:sw ParamPropType:s ParamPropSecret:iw ParamPropHint:sw
    ParamPropScriptName:sw ParamPropParent:sw ParamPropEnabled:iw ParamPropDataPtr:pw""")
_VALUE = _set("""
    ParamPropAnimates:iw ParamPropIsAnimating:i ParamPropIsAutoKeying:i ParamPropPersistant:iw ParamPropEvaluateOnChange:iw
    ParamPropPluginMayWrite:iw ParamPropCacheInvalidation:sw ParamPropCanUndo:iw""")


def _numeric(type: str, dimensions: int, *, limits: bool = True) -> dict[str, Kind]:
    names = ("Default", *(("Min", "Max", "DisplayMin", "DisplayMax") if limits else ()))
    return {"OfxParamProp" + name: Kind(type, dimensions, True) for name in names}


_DOUBLE = _set("ParamPropIncrement:dw ParamPropDigits:iw ParamPropDoubleType:sw ParamPropShowTimeMarker:iw")
PARAMETERS: dict[str, dict[str, Kind]] = {
    "OfxParamTypeDouble": _COMMON | _VALUE | _numeric("d", 1) | _DOUBLE,
    "OfxParamTypeDouble2D": _COMMON | _VALUE | _numeric("d", 2) | _DOUBLE | _set("ParamPropDefaultCoordinateSystem:sw"),
    "OfxParamTypeInteger": _COMMON | _VALUE | _numeric("i", 1),
    "OfxParamTypeBoolean": _COMMON | _VALUE | _numeric("i", 1, limits=False),
    "OfxParamTypeChoice": _COMMON | _VALUE | _numeric("i", 1, limits=False) | _set("ParamPropChoiceOption:s0w"),
    "OfxParamTypeString": _COMMON | _VALUE | _numeric("s", 1, limits=False) | _set("ParamPropStringMode:sw ParamPropStringFilePathExists:iw"),
    "OfxParamTypeGroup": _COMMON | _set("ParamPropGroupOpen:iw"),
    "OfxParamTypePushButton": _COMMON,
    "OfxParamTypePage": _COMMON | _set("ParamPropPageChild:s0w"),
}  # fmt: skip
"""By type; a plug-in that defines another one has a fault. 2D and 3D integers are left out: Resolve crashes on them."""
_RENDER = _set("""
    PropTime:d ImageEffectPropFieldToRender:s ImageEffectPropRenderWindow:i4 ImageEffectPropRenderScale:d2
    ImageEffectPropSequentialRenderStatus:i ImageEffectPropInteractiveRenderStatus:i ImageEffectPropRenderQualityDraft:i
    ImageEffectPropThumbnailRender:i""")
_SEQUENCE = _set("""
    ImageEffectPropFrameRange:d2 ImageEffectPropFrameStep:d PropIsInteractive:i ImageEffectPropRenderScale:d2
    ImageEffectPropSequentialRenderStatus:i ImageEffectPropInteractiveRenderStatus:i""")
_TIME = _set("PropTime:d ImageEffectPropRenderScale:d2")
IN: dict[str, dict[str, Kind]] = {
    "OfxImageEffectActionDescribeInContext": _set("ImageEffectPropContext:s"),
    "OfxActionInstanceChanged": _set("PropType:s PropName:s PropChangeReason:s PropTime:d ImageEffectPropRenderScale:d2"),
    "OfxActionBeginInstanceChanged": _set("PropChangeReason:s"),
    "OfxActionEndInstanceChanged": _set("PropChangeReason:s"),
    "OfxImageEffectActionGetRegionOfDefinition": _TIME,
    "OfxImageEffectActionGetRegionsOfInterest": _TIME | _set("ImageEffectPropRegionOfInterest:d4"),
    "OfxImageEffectActionGetFramesNeeded": _set("PropTime:d"),
    "OfxImageEffectActionIsIdentity": {k: v for k, v in _RENDER.items() if "Status" not in k and "Quality" not in k and "Thumb" not in k},
    "OfxImageEffectActionRender": _RENDER,
    "OfxImageEffectActionBeginSequenceRender": _SEQUENCE,
    "OfxImageEffectActionEndSequenceRender": _SEQUENCE,
}  # fmt: skip
OUT: dict[str, dict[str, Kind]] = {
    "OfxImageEffectActionGetRegionOfDefinition": _set("ImageEffectPropRegionOfDefinition:d4w"),
    "OfxImageEffectActionIsIdentity": _set("PropName:sw PropTime:dw"),
    "OfxImageEffectActionGetClipPreferences": _set("""ImageEffectPropFrameRate:dw ImageClipPropFieldOrder:sw
        ImageEffectPropPreMultiplication:sw ImageClipPropContinuousSamples:iw ImageEffectFrameVarying:iw"""),
    "OfxImageEffectActionGetRegionsOfInterest": {},
    "OfxImageEffectActionGetFramesNeeded": {},
}
PER_CLIP: dict[str, dict[str, Kind]] = {
    "OfxImageEffectActionGetRegionsOfInterest": _set("ImageClipPropRoI_:d4w"),
    "OfxImageEffectActionGetFramesNeeded": _set("ImageClipPropFrameRange_:d0w"),
    "OfxImageEffectActionGetClipPreferences": _set("""ImageClipPropComponents_:sw ImageClipPropDepth_:sw ImageClipPropPAR_:dw
        ImageClipPropPreferredColourspaces_:s0w"""),
}
"""Properties of out arguments whose names end in a clip's."""
VALUES: dict[str, tuple[str, ...]] = {
    "OfxImageEffectPluginRenderThreadSafety": ("OfxImageEffectRenderUnsafe", "OfxImageEffectRenderInstanceSafe", "OfxImageEffectRenderFullySafe"),
    "OfxImageEffectPropSupportedPixelDepths": ("OfxBitDepthByte", "OfxBitDepthShort", "OfxBitDepthHalf", "OfxBitDepthFloat"),
    "OfxImageEffectPropSupportedComponents": ("OfxImageComponentRGBA", "OfxImageComponentRGB", "OfxImageComponentAlpha"),
    "OfxImageEffectPropSupportedContexts": tuple(f"OfxImageEffectContext{c}" for c in ("Filter", "General", "Generator", "Transition", "Paint", "Retimer")),
    "OfxImageClipPropFieldExtraction": ("OfxFieldNone", "OfxFieldBoth", "OfxFieldSingle", "OfxFieldDoubled", "OfxFieldLower", "OfxFieldUpper"),
    "OfxParamPropStringMode": tuple(f"OfxParamStringIs{m}" for m in ("SingleLine", "MultiLine", "FilePath", "DirectoryPath", "Label", "RichTextFormat")),
    "OfxParamPropDoubleType": tuple(f"OfxParamDoubleType{t}" for t in ("Plain", "Scale", "Angle", "Time", "AbsoluteTime", "X", "XAbsolute", "Y", "YAbsolute", "XY", "XYAbsolute")),
    "OfxImageEffectPropColourManagementStyle": tuple(f"OfxImageEffectPropColourManagement{s}" for s in ("None", "Basic", "Core", "Full", "OCIO")),
}  # fmt: skip
"""What strings with a closed set may be."""
