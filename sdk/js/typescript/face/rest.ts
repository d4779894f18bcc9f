// hatchet.api: the REST API by the method names of the SDK's generated client.
import { guard, natives } from '@hatchet-dev/typescript-sdk/.face/natives';

// What is no part of the path, by what the request calls it.
const besides: any = { query: 'query', data: 'body' };

// failure gives an error of the API what people look for in one of axios.
export function failure(e: any): never {
  if (e?.name === 'ApiError' && !e.response) {
    Object.assign(e, { isAxiosError: true, response: { status: e.status, data: { errors: [{ description: e.message }] } } });
  }
  throw e;
}

export const answer = (data: any) => ({ data, status: 200, statusText: 'OK', headers: {}, config: {} });

const ask = async ({ path, method, query, body }: any): Promise<any> => {
  const request: any = { path, method };
  if (query !== undefined) request.query = query;
  if (body !== undefined) request.body = body;
  return natives.client.api.request(request).then(answer, failure);
};

// method is the method of that name: its arguments are the parts of the path in
// order, then the query and the data.
function method(name: string) {
  const known = natives.endpoint(name);
  if (!known) return undefined;
  const [verb, path, ...takes] = known;
  return async (...given: any[]) => {
    if (given.slice(takes.length).some((more) => more && Object.keys(more).length > 0)) {
      throw new TypeError(`HatchetClient.api.${name} takes (${takes.join(', ')}); settings of axios have no effect here`);
    }
    const request: any = { method: verb, path };
    takes.forEach((part: string, i: number) => {
      const value = given[i];
      if (part in besides) request[besides[part]] = value;
      else if (typeof value !== 'string' || value === '') throw new TypeError(`HatchetClient.api.${name}: ${part} must be the id, got ${value}`);
      else if (value !== '{tenant}') request.path = request.path.replace(`{${part}}`, encodeURIComponent(value));
    });
    return ask(request);
  };
}

export class Api {
  request(request: any) { return ask(request); }
}
guard(Api.prototype, 'HatchetClient.api', method);
