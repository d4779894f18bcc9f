import { GraphQLClient, gql } from 'graphql-request'
import { buildSchema, graphqlSync, parse, print } from 'graphql'

export default async ({ base }) => {
  const client = new GraphQLClient(`${base}/graphql`, { headers: { authorization: 'Bearer x' } })
  const query = gql`query Order($id: ID!) { order(id: $id) { id total } }`
  const out = [await client.request(query, { id: 'A' })]
  try {
    await client.request(gql`{ fails }`)
  } catch (error) {
    out.push([error.name, error.response.status, error.response.errors[0].message])
  }
  const schema = buildSchema('type Query { twice(n: Int!): Int }')
  out.push(graphqlSync({ schema, source: '{ twice(n: 4) }', rootValue: { twice: ({ n }) => 2 * n } }), print(parse('{a,b{c}}')))
  return out
}
