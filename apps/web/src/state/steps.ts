// The steps of an exam in the order that people take them, and where each stands in the address bar.
import { signal } from "@preact/signals";

export const STEPS = [
  { id: "inspect", title: "Inspect", question: "What does the file hold?" },
  { id: "look", title: "Look", question: "What does the network look at?" },
  { id: "field", title: "Field", question: "How far does it see, and which pixels not?" },
  { id: "stress", title: "Stress", question: "What breaks it?" },
  { id: "norms", title: "Norms", question: "Are its normalizations fit for training?" },
  { id: "mend", title: "Mend", question: "What can be repaired?" },
  { id: "exam", title: "Exam", question: "All of it, as a report" },
] as const;

export type StepId = (typeof STEPS)[number]["id"];

/** Undefined for places within a report. */
const stepOfHash = (): StepId | undefined => STEPS.find(({ id }) => location.hash === `#${id}`)?.id;

export const step = signal<StepId>(stepOfHash() ?? "look");

addEventListener("hashchange", () => {
  step.value = stepOfHash() ?? step.value;
});

export function goTo(id: StepId): void {
  location.hash = id;
}
