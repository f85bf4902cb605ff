// How many threads WebAssembly gets: half of the logical processors, for these are often two to a core, and at most four, for more win
// little; both of two. One where the page is not cross-origin isolated.

const MOST = 4;
const FEW = 2;

export function threadCount(): number {
  if (!self.crossOriginIsolated) return 1;
  const processors = navigator.hardwareConcurrency || 1;
  return processors <= FEW ? processors : Math.min(MOST, Math.ceil(processors / 2));
}
