// What the file holds and how pixels become its input: every guess can be corrected here.
import { useSignal } from "@preact/signals";
import { DataTable } from "snellen/report";
import { type PreprocessingFlags, sentenceCase } from "snellen/web";
import { Choice } from "../components/choice.tsx";
import { inTheApp } from "../flag-words.ts";
import { problem } from "../state/problem.ts";
import { describe, device, model, setDevice } from "../state/session.ts";
import type { ModelFacts } from "../worker/model-facts.ts";

export function Inspect() {
  const facts = model.value;
  if (facts === null) return null;
  return (
    <>
      <Facts facts={facts} />
      <Preprocessing facts={facts} />
      <DeviceChoice />
      <Layers facts={facts} />
    </>
  );
}

const MEGA = 2 ** 20;

function Facts({ facts: { inspection, bytes } }: { readonly facts: ModelFacts }) {
  const { input, logits, labels, normalizations, foldedNormalization, patchEmbedding } = inspection;
  const kept = Object.entries(normalizations).filter(([, count]) => count > 0);
  const rows: [string, string][] = [
    [
      "File",
      `${(bytes / MEGA).toFixed(1)} MB, ${inspection.producer || "unknown exporter"}, opset ${inspection.opset}, ${inspection.nodes} nodes`,
    ],
    [
      "Input",
      `${input.name}: ${input.layout}, ${input.size.join(" × ")} pixels, ${input.channels} ${input.channels === 1 ? "channel" : "channels"}, ${input.dataType}`,
    ],
    [
      "Scores",
      `${logits.value}: ${logits.classes} classes${logits.skipped === null ? "" : `, taken before the final ${logits.skipped}`}${logits.dense === null ? "" : `. ${sentenceCase(logits.dense)}`}`,
    ],
    [
      "Classes",
      labels.names === null
        ? "no names: drop a file with one name a line"
        : `${labels.names.length} names (${labels.origin}): ${labels.names.slice(0, 5).join("; ")}${labels.names.length > 5 ? "; …" : ""}`,
    ],
    [
      "Normalizations",
      `${kept.map(([kind, count]) => `${count} ${kind}`).join(", ") || "none"}${foldedNormalization === null ? "" : `; folded: ${foldedNormalization}`}`,
    ],
    ["Patch embedding", patchEmbedding.text],
  ];
  return (
    <section>
      <h2>What the file says</h2>
      <dl class="facts">
        {rows.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

const as = <T extends string>(values: readonly T[]) => values.map((value) => ({ value, text: value }));

/** Wrong preprocessing is the most frequent reason for a network that seems to have gone blind. */
function Preprocessing({ facts }: { readonly facts: ModelFacts }) {
  const { preprocessing, input } = facts.inspection;
  const menus = facts.menus.preprocessing;
  const change = (flags: PreprocessingFlags): void => void describe(flags);
  const mean = useSignal(preprocessing.mean.join(", "));
  const std = useSignal(preprocessing.std.join(", "));
  const size = useSignal(input.size.join("x"));
  const asked = useSignal<readonly [number, number] | null>(null);
  const bad = useSignal<string | null>(null);
  const apply = async (event: Event): Promise<void> => {
    event.preventDefault();
    const [m, s] = [numbersOf(mean.value), numbersOf(std.value)];
    const [height = Number.NaN, width = height] = numbersOf(size.value.replace(/[x×]/, ","));
    bad.value = [height, width].every((side) => Number.isInteger(side) && side > 0)
      ? [...m, ...s].every(Number.isFinite) && s.every((v) => v > 0)
        ? null
        : "Mean and standard deviation are numbers between commas, one a channel; standard deviations lie above 0."
      : "An input size is a whole number, or height x width.";
    asked.value = null;
    if (bad.value !== null) return;
    await describe({ mean: m, std: s, size: [height, width] });
    // settings that were refused tell nothing of the size
    if (problem.value === null) asked.value = [height, width];
  };
  return (
    <section>
      <h2>How pixels become its input</h2>
      <p class={preprocessing.assumed ? "notice attention" : "soft"}>
        {preprocessing.assumed
          ? "Nothing in the file says how pixels are prepared. ImageNet's usual values are assumed: if classes look wrong, set what the network was trained with."
          : `From: ${inTheApp(preprocessing.origin)}.`}
      </p>
      <div class="controls">
        <Choice
          label="Preset"
          value=""
          options={[{ value: "", text: "choose…" }, ...as(menus.presets)]}
          onChange={(preset) =>
            change({
              preset: preset as NonNullable<PreprocessingFlags["preset"]>,
              mean: undefined,
              std: undefined,
              range: undefined,
              resize: undefined,
              interpolation: undefined,
            })
          }
        />
        <Choice
          label="Range"
          value={preprocessing.range}
          options={as(menus.range)}
          onChange={(range) => change({ range })}
        />
        <Choice
          label="Colours"
          value={preprocessing.channels}
          options={as(menus.channels)}
          onChange={(channels) => change({ channels })}
        />
        <Choice
          label="Resize"
          value={preprocessing.resize}
          options={as(menus.resize)}
          onChange={(resize) => change({ resize })}
        />
        <Choice
          label="Interpolation"
          value={preprocessing.interpolation}
          options={as(menus.interpolation)}
          onChange={(interpolation) => change({ interpolation })}
        />
      </div>
      <form class="controls" onSubmit={apply}>
        <TextField label="Mean" text={mean} />
        <TextField label="Standard deviation" text={std} />
        <TextField label="Input size (where the file leaves it open)" text={size} />
        <button type="submit">Apply</button>
      </form>
      {bad.value !== null && (
        <p class="notice failure" role="alert">
          {bad.value}
        </p>
      )}
      {asked.value !== null && asked.value.join() !== input.size.join() && (
        <p class="notice attention" role="status">
          The network takes {input.size.join(" × ")} pixels only: {asked.value.join(" × ")} was not used.
        </p>
      )}
      {isMeanOutside(preprocessing) && (
        <p class="notice attention">
          The mean lies outside of the range {preprocessing.range}: one of the two is probably meant
          otherwise.
        </p>
      )}
    </section>
  );
}

/** Such as 123.675, which is a mean of pixels from 0 to 255, of pixels from 0 to 1. */
function isMeanOutside({ mean, range }: ModelFacts["inspection"]["preprocessing"]): boolean {
  const [low = 0, high = 1] = range.split("..").map(Number);
  return mean.some((value) => value < low || value > high);
}

const numbersOf = (text: string): number[] => text.split(",").map((part) => Number(part.trim()));

const TextField = ({ label, text }: { readonly label: string; readonly text: { value: string } }) => (
  <label class="field">
    <span>{label}</span>
    <input
      type="text"
      value={text.value}
      onInput={(event) => {
        text.value = event.currentTarget.value;
      }}
    />
  </label>
);

function DeviceChoice() {
  const found = device.value;
  return (
    <section>
      <h2>Where it runs</h2>
      <div class="controls">
        <Choice
          label="Device"
          value={found?.device ?? "cpu"}
          options={[
            { value: "cpu", text: "Processor (WebAssembly)" },
            { value: "webgpu", text: "Graphics (WebGPU)" },
          ]}
          onChange={(wanted) => void setDevice(wanted)}
        />
      </div>
      {found !== null && (
        <p class={found.reason === null ? "soft" : "notice attention"} role="status">
          {found.reason === null
            ? found.device === "cpu"
              ? `On ${found.threads} ${found.threads === 1 ? "thread: this page is not cross-origin isolated, or the machine has one" : "threads"}.`
              : "On the graphics processor."
            : `WebGPU was not used: ${found.reason} Everything runs on the processor.`}
        </p>
      )}
    </section>
  );
}

function Layers({ facts: { inspection } }: { readonly facts: ModelFacts }) {
  const { layers, defaultLayer } = inspection;
  return (
    <section>
      <h2>Layers that maps can be read from</h2>
      {layers.length === 0 ? (
        <p>None: nothing spatial lies between image and scores.</p>
      ) : (
        <DataTable
          table={{
            kind: "table",
            caption: `${layers.length} layers; the default is ${defaultLayer}`,
            columns: [
              { title: "layer" },
              { title: "operator" },
              { title: "cells" },
              { title: "channels" },
              { title: "stride", unit: "pixels" },
              { title: "theoretical field", unit: "pixels" },
            ],
            rows: layers.map(({ value, operator, grid, channels, stride, field }) => [
              value,
              operator,
              grid.join(" × "),
              channels,
              stride === null ? null : stride.join(" × "),
              field === null
                ? null
                : field.size.map((side) => (side === null ? "all" : Math.round(side))).join(" × "),
            ]),
          }}
        />
      )}
    </section>
  );
}
