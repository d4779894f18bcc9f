// node encode.mjs NAMESPACE: for each declaration of the corpora a line with our
// source text, if it has one, and the registration that the official SDK encodes, in base64.
import edge from '@hatchet-dev/typescript-sdk/edge/index.js';
import corpus from './corpus.mjs';
import more from './sdk.mjs';

const [namespace] = process.argv.slice(2);
const all = [...corpus, ...more.map(([name, declare]) => [name, null, declare])];
for (const [name, ours, theirs] of all) {
  const declaration = theirs(edge.declarations());
  const durable = declaration.definition._durableTasks.length > 0 && declaration.definition._tasks.length === 0;
  const message = edge.CreateWorkflowVersionRequest.encode(edge.workflowToProto(declaration, { namespace, durable })).finish();
  process.stdout.write(`${JSON.stringify({ name, source: ours ? `(${ours})()` : '', request: Buffer.from(message).toString('base64') })}\n`);
}
