export function offerHeatmapBench(_page: HTMLElement): void {}
