// One declaration of the corpora in the official SDK's words, in our worker's
// VM: the one whose number is there as a global.
import edge from '@hatchet-dev/typescript-sdk/edge/index.js';
import corpus from './corpus.mjs';
import more from './sdk.mjs';

const all = [...corpus.map(([, , theirs]) => theirs), ...more.map(([, declare]) => declare)];
all[globalThis.which](edge.declarations());
