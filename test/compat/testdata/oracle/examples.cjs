// node examples.cjs: for each example of the official package a line with the
// registrations of what it declares, by name, that the official SDK encodes, in
// base64; an example that does not load here has none.
const { readFileSync, readdirSync } = require('node:fs');
const path = require('node:path');

process.env.HATCHET_CLIENT_TOKEN = `x.${Buffer.from(JSON.stringify({ sub: 't', server_url: 'http://127.0.0.1:1', grpc_broadcast_address: '127.0.0.1:1' })).toString('base64url')}.x`;
process.env.HATCHET_CLIENT_LOG_LEVEL = 'OFF';
const root = path.dirname(require.resolve('@hatchet-dev/typescript-sdk/package.json'));
const examples = path.join(root, 'v1', 'examples');
const edge = require('@hatchet-dev/typescript-sdk/edge/index.js');
const { BaseWorkflowDeclaration } = require('@hatchet-dev/typescript-sdk/v1/declaration.js');

// The constructor's last act tells of each declaration.
let declared = [];
Object.defineProperty(BaseWorkflowDeclaration.prototype, 'client', {
  set(client) { Object.defineProperty(this, 'client', { value: client }); declared.push(this); },
});
process.on('unhandledRejection', () => {});
process.on('uncaughtException', () => {});
console.log = console.warn = console.error = console.info = () => {};

function encoded(declaration) {
  const { definition } = declaration;
  if (definition._tasks.length + definition._durableTasks.length === 0) return [];
  const request = edge.workflowToProto(declaration, { namespace: '' });
  return [[definition.name, Buffer.from(edge.CreateWorkflowVersionRequest.encode(request).finish()).toString('base64')]];
}

// A program declares what it imports, too, and serves only what it hands to its worker.
const startsWorker = (file) => readFileSync(path.join(examples, file), 'utf8').includes('.worker(');
const workersLast = (a, b) => startsWorker(a) - startsWorker(b) || (a < b ? -1 : 1);

for (const name of readdirSync(examples, { recursive: true }).filter((file) => file.endsWith('.js')).sort(workersLast)) {
  for (const key of Object.keys(require.cache)) if (key.startsWith(examples)) delete require.cache[key];
  declared = [];
  try {
    require(path.join(examples, name));
    process.stdout.write(`${JSON.stringify({ name, requests: declared.flatMap(encoded) })}\n`);
  } catch {}
}
process.exit(0);
