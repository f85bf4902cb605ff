import { takesPicturesOfAnySize } from "../test-support/pictures.ts";
import { equalsReference } from "../test-support/reference.ts";
import { jpegCompression } from "./jpeg-compression.ts";

equalsReference(jpegCompression);
takesPicturesOfAnySize(jpegCompression);
