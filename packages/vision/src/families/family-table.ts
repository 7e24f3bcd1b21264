import { blazeface } from './faces/blazeface.ts';
import { centerface } from './faces/centerface.ts';
import { scrfd } from './faces/scrfd.ts';
import { yunet } from './faces/yunet.ts';
import type { Family } from './family.ts';
import { lpdYunet } from './prior-boxes/lpd-yunet.ts';
import { retinaface } from './prior-boxes/retinaface.ts';
import { ultraface, ultrafaceRaw } from './prior-boxes/ultraface.ts';
import { yunet2022 } from './prior-boxes/yunet-2022.ts';
import { boxesAndLabels } from './selected/boxes-and-labels.ts';
import { customVision } from './selected/custom-vision.ts';
import { denseBoxes } from './selected/dense-boxes.ts';
import { efficientNms } from './selected/efficient-nms.ts';
import { labelsBoxesScores } from './selected/labels-boxes-scores.ts';
import { paddle } from './selected/paddle.ts';
import { detectionOutput, efficientDet } from './selected/seven-values.ts';
import { tfDetectionApi } from './selected/tf-detection-api.ts';
import { torchvision } from './selected/torchvision.ts';
import { yolov3Zoo } from './selected/yolov3-zoo.ts';
import { ctc, ctcBlankLast } from './text/ctc.ts';
import { ctcIndices } from './text/ctc-indices.ts';
import { plateSlots } from './text/plate-slots.ts';
import { detr, detrSoftmax } from './transformers/detr.ts';
import { rtdetrRows } from './transformers/rtdetr-rows.ts';
import { classLabel } from './whole-picture/class-label.ts';
import { classification } from './whole-picture/classification.ts';
import { embedding } from './whole-picture/embedding.ts';
import { anchorMaps } from './yolo/anchor-maps.ts';
import { customVisionYolo } from './yolo/custom-vision-yolo.ts';
import { dflMaps } from './yolo/dfl-maps.ts';
import { endToEnd } from './yolo/end-to-end.ts';
import { nanodet } from './yolo/nanodet.ts';
import { nanodetPlus } from './yolo/nanodet-plus.ts';
import { yoloFastestV2 } from './yolo/yolo-fastest-v2.ts';
import { yolov4Maps } from './yolo/yolov4-maps.ts';
import { yolov5 } from './yolo/yolov5.ts';
import { yolov5Landmarks } from './yolo/yolov5-landmarks.ts';
import { yolov7Nms } from './yolo/yolov7-nms.ts';
import { yolov8 } from './yolo/yolov8.ts';
import { yolov8Obb } from './yolo/yolov8-obb.ts';
import { yolox, yoloxDecoded } from './yolo/yolox.ts';

/**
 * Every family that there is. Of two that are equally sure of a model the first one is taken, so those whose signs are
 * rarer come first.
 */
export const FAMILIES: readonly Family[] = [
  plateSlots,
  ctcIndices,
  ctc,
  ctcBlankLast,
  customVision,
  tfDetectionApi,
  paddle,
  yunet,
  scrfd,
  lpdYunet,
  yunet2022,
  retinaface,
  ultraface,
  ultrafaceRaw,
  blazeface,
  centerface,
  nanodet,
  nanodetPlus,
  yoloFastestV2,
  yolov5Landmarks,
  yolov5,
  yoloxDecoded,
  yolox,
  yolov8Obb,
  yolov8,
  dflMaps,
  anchorMaps,
  yolov4Maps,
  customVisionYolo,
  denseBoxes,
  detrSoftmax,
  detr,
  rtdetrRows,
  endToEnd,
  yolov7Nms,
  efficientNms,
  yolov3Zoo,
  torchvision,
  labelsBoxesScores,
  boxesAndLabels,
  efficientDet,
  detectionOutput,
  classLabel,
  embedding,
  classification,
];

const BY_DECODER: ReadonlyMap<string, Family> = new Map(FAMILIES.map((family) => [family.decoder, family]));

/** `undefined` for a name that no family has. */
export function familyOf(decoder: string): Family | undefined {
  return BY_DECODER.get(decoder);
}
