// The registry of methods: the command line's choices, the docs' tables and the test matrices are made from it.
import { findById } from "../../find-by-id.ts";
import type { CamMethod } from "../method.ts";
import { ablationCam } from "./ablation-cam.ts";
import { cam } from "./cam.ts";
import { eigenCam } from "./eigen-cam.ts";
import { eigenGradCam } from "./eigen-grad-cam.ts";
import { elementWiseCam } from "./element-wise-cam.ts";
import { extendedCam } from "./extended-cam.ts";
import { finerCam } from "./finer-cam.ts";
import { fullGrad } from "./full-grad.ts";
import { gradCam } from "./grad-cam.ts";
import { gradCamPlusPlus } from "./grad-cam++.ts";
import { guidedBackprop } from "./guided-backprop.ts";
import { hiresCam } from "./hires-cam.ts";
import { kpcaCam } from "./kpca-cam.ts";
import { layerCam } from "./layer-cam.ts";
import { randomCam } from "./random-cam.ts";
import { scoreCam } from "./score-cam.ts";
import { shapleyCam } from "./shapley-cam.ts";
import { xgradCam } from "./xgrad-cam.ts";

/** All class activation methods, in the order of tables. */
export const camMethods: readonly CamMethod[] = [
  cam,
  gradCam,
  gradCamPlusPlus,
  hiresCam,
  elementWiseCam,
  layerCam,
  xgradCam,
  scoreCam,
  ablationCam,
  eigenCam,
  eigenGradCam,
  kpcaCam,
  fullGrad,
  shapleyCam,
  finerCam,
  guidedBackprop,
  extendedCam,
  randomCam,
];

/**
 * The method of an id.
 * @throws UsageError `unknown-method` with the nearest known id
 */
export const camMethod = (id: string): CamMethod =>
  findById(camMethods, id, { code: "unknown-method", what: "method", flag: "--method" });
