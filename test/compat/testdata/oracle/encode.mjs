// node encode.mjs NAMESPACE: for each declaration of the corpus a line with our
// source text and the registration that the official SDK encodes, in base64.
import edge from '@hatchet-dev/typescript-sdk/edge/index.js';
import corpus from './corpus.mjs';

const [namespace] = process.argv.slice(2);
for (const [name, ours, theirs] of corpus) {
  const declaration = theirs(edge.declarations());
  const durable = declaration.definition._durableTasks.length > 0 && declaration.definition._tasks.length === 0;
  const message = edge.CreateWorkflowVersionRequest.encode(edge.workflowToProto(declaration, { namespace, durable })).finish();
  process.stdout.write(`${JSON.stringify({ name, source: `(${ours})()`, request: Buffer.from(message).toString('base64') })}\n`);
}
