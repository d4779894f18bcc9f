import { test } from 'hatchet:test'
import { dunning, invoice } from './workflows'
test.fixtures('./fixtures/*.json', dunning)
void invoice
