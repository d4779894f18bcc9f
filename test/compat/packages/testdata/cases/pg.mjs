import pg from 'pg'

export default () => {
  const client = new pg.Client('postgres://ann@db.example:5433/orders')
  return [client.user, client.host, client.port, client.database, pg.escapeLiteral("it's")]
}
