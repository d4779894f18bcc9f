// Durations: text like "1h30m5s", numbers of milliseconds, or objects of units.

export function durationToString(d: any): string {
  if (typeof d === 'string') return d;
  if (typeof d === 'number') {
    const total = Math.floor(d / 1000);
    return durationToString({ hours: Math.floor(total / 3600), minutes: Math.floor((total % 3600) / 60), seconds: total % 60 });
  }
  const parts = [['hours', 'h'], ['minutes', 'm'], ['seconds', 's']].filter(([key]) => d[key]).map(([key, unit]) => d[key] + unit);
  return parts.join('') || '0s';
}

export function durationToMs(d: any): number {
  if (typeof d === 'number') return d;
  if (typeof d === 'object') return ((d.hours ?? 0) * 3600 + (d.minutes ?? 0) * 60 + (d.seconds ?? 0)) * 1000;
  const found = /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/.exec(d);
  if (!found) throw new Error(`Invalid duration string: "${d}". Write it like "1h30m5s", "10m" or "30s".`);
  const [h, m, s] = found.slice(1).map((n) => parseInt(n ?? '0', 10));
  return (h * 3600 + m * 60 + s) * 1000;
}

export function sleep(duration: any, signal?: any): Promise<void> {
  return new Promise((resolve, reject) => {
    const cancelled = () => {
      clearTimeout(timer);
      reject(new Error('Cancelled'));
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', cancelled);
      resolve();
    }, durationToMs(duration));
    if (signal?.aborted) cancelled();
    else signal?.addEventListener('abort', cancelled, { once: true });
  });
}
