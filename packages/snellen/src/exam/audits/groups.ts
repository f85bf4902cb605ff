// Whether each layer's number of groups lets the gradient pass as it is, and which number would.
// arXiv:2302.03193; what counts as far is derived here.
import { adviceEffect } from "../../normalization/groups/advice-effect.ts";
import type { GroupAdvice } from "../../normalization/groups/advise-groups.ts";
import type { LayerAdvice } from "../../normalization/groups/layer-advice.ts";
import { isometryPlot } from "../../report/isometry.ts";
import { type Audit, defineAudit } from "../audit.ts";
import { figure } from "../figure.ts";
import type { Figure, Table } from "../result.ts";

/**
 * How many times farther from isometry a gain may be than the best one. In a first experiment (MLP of six layers of 256 units,
 * Fashion-MNIST) gains up to 1.2 cost nothing, 2.1 cost 1.6 points of accuracy and slowed the first epoch. Derived here.
 */
const FAR = 2;
/** Rows of the table. */
const SHOWN = 12;

export const groups: Audit = defineAudit({
  id: "groups",
  title: "Numbers of groups let the gradient pass",
  failureTitle: "Some layers have a number of groups that bends the gradient",
  inWords: {
    good: "If you train the network further, its normalization layers are set up so that learning signals pass through them well.",
    attention:
      "If you train the network further, some of its normalization layers may slow learning or make it unstable; its answers today do not suffer.",
    informative:
      "Some normalization layers do not pass learning signals on as they are, but other settings of them would not make the network as a whole better.",
    notApplicable: "The network has no normalization layers of the kind that this is about.",
  },
  description:
    "Group normalization scales the gradient by a factor that depends on its number of groups; a factor far from 1, layer after layer, makes gradients vanish or explode. It matters when the network is trained or fine-tuned.",
  learnMore: "https://arxiv.org/abs/2302.03193",
  needs: ["groups"],
  audit({ groups: advice }) {
    if ("reason" in advice) return { verdict: "notApplicable", summary: advice.reason };
    const far = advice.layers.filter((layer) => excess(layer) > FAR);
    const { changed, helps, text } = adviceEffect(advice);
    const worst = [...advice.layers].sort((a, b) => excess(b) - excess(a))[0] as LayerAdvice;
    const most = `The layer with most to gain is ${nameOf(worst)}: gain ${gainText(worst.gainNow)} with ${worst.groups} groups, ${gainText(worst.gainThen)} with ${worst.advised}.`;
    return {
      verdict: far.length === 0 ? "good" : helps ? "attention" : "informative",
      summary: changed === 0 ? text : `${text} ${most}`,
      evidence: [tableOf(advice), isometryPlot(advice)],
      figures: figuresOf(advice.layers, far.length),
      ...(far.length > 0 &&
        helps && { remedy: "snellen fix groups <model> -o fixed.onnx --images <folder>" }),
    };
  },
});

const nameOf = ({ module, node }: LayerAdvice): string => module ?? node;
const gainText = (gain: number | null): string => gain?.toPrecision(3) ?? "?";

/** By which factor the gain is farther from 1 than the advised one. */
const excess = ({ gainNow, gainThen }: LayerAdvice): number =>
  gainNow === null || gainThen === null || gainNow <= 0 || gainThen <= 0
    ? 1
    : Math.exp(Math.abs(Math.log(gainNow)) - Math.abs(Math.log(gainThen)));

function figuresOf(layers: readonly LayerAdvice[], far: number): Figure[] {
  const gains = layers.flatMap(({ gainNow }) => (gainNow !== null && gainNow > 0 ? [gainNow] : []));
  const mean = gains.reduce((sum, gain) => sum + Math.abs(Math.log(gain)), 0) / gains.length;
  const lower = { unit: "", better: "lower" } as const;
  return [
    figure(
      { id: "gain", name: "mean |ln gain| of the gradient by layer (0 lets it pass as it is)", ...lower },
      mean,
    ),
    figure({ id: "far", name: "layers whose number of groups bends the gradient", ...lower }, far),
  ];
}

function tableOf({ layers, convention }: GroupAdvice): Table {
  const worst = [...layers].sort((a, b) => excess(b) - excess(a)).slice(0, SHOWN);
  return {
    kind: "table",
    caption: `Gradient gain by ${convention}, each layer changed alone${layers.length > SHOWN ? `, the ${SHOWN} of ${layers.length} layers with most to gain` : ""}`,
    columns: [
      { title: "layer" },
      { title: "channels" },
      { title: "groups" },
      { title: "gain now", digits: 2 },
      { title: "ideal groups, formula" },
      { title: "ideal groups, measured" },
      { title: "gain then", digits: 2 },
    ],
    rows: worst.map((layer) => [
      nameOf(layer),
      layer.channels,
      layer.groups,
      layer.gainNow,
      layer.ideal.closedForm,
      layer.ideal.measured,
      layer.gainThen,
    ]),
  };
}
