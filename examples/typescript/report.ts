// TypeScript with a shared module and an npm package. Nothing is built or
// installed: the package lies in node_modules, as npm would have put it there.
import { format } from '@lukeed/ms';
import { summarise, type Sample } from './lib/summary';

interface Input {
  samples: Sample[];
}

workflow('latency-report')
  .task('collect', (input: Input) => summarise(input.samples ?? []))
  .taskAfter('format', ['collect'], (_input: Input, ctx) => {
    const { count, slowestMs } = ctx.parentOutput('collect');
    return { text: `${count} samples, slowest ${format(slowestMs, true)}` };
  });
