import { takesPicturesOfAnySize } from "../test-support/pictures.ts";
import { equalsReference } from "../test-support/reference.ts";
import { gaussianBlur } from "./gaussian-blur.ts";

equalsReference(gaussianBlur);
takesPicturesOfAnySize(gaussianBlur);
