// A workflow of a Go program: it charges with a function of that program.
// Without the program, node_modules/billing stands in.
import { charge } from 'billing'

interface Invoice {
  cents: number
}

workflow('invoice')
  .task('charge', async (input: Invoice) => ({ receipt: await charge(input.cents) }))
  .taskAfter('confirm', ['charge'], (_input: Invoice, ctx) => ({
    text: `paid, receipt ${ctx.parentOutput('charge').receipt}`,
  }))
