import { execa } from 'execa'

export default async () => (await execa('echo', ['hi'])).stdout
