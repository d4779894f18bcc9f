// Declares no workflow: a module that other files import.

export interface Sample {
  name: string;
  ms: number;
}

export function summarise(samples: Sample[]): { count: number; slowestMs: number } {
  const slowestMs = samples.reduce((slowest, sample) => Math.max(slowest, sample.ms), 0);
  return { count: samples.length, slowestMs };
}
