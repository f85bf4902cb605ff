import { equalsReference, matchesDistribution } from "../test-support/reference.ts";
import { gaussianNoise } from "./gaussian-noise.ts";

equalsReference(gaussianNoise, ({ array }) => array("z"));
matchesDistribution(gaussianNoise);
