import { parse, parseIntoClientConfig } from 'pg-connection-string'

export default async () => [parse('postgres://ann:p%40ss@db.example:5433/shop?application_name=glue&ssl=true'), parse('socket:/var/run?db=x'), parseIntoClientConfig('postgresql://localhost/my%20db')]
