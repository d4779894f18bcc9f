import Decimal from 'decimal.js'

export default async () => [
  String(new Decimal('0.1').plus('0.2')), new Decimal(2).sqrt().toFixed(30), new Decimal('1234.5678').toDecimalPlaces(2).toString(), String(new Decimal(1).div(3)), new Decimal('1e400').times('1e400').toString(), Decimal.exp(1).toString(),
  new Decimal(255).toHex(), Decimal.max(1, '3.5', 2).toNumber(), new Decimal('19.99').mul(3).toFixed(1, Decimal.ROUND_DOWN), new Decimal(10).pow(-7).toString(), Decimal.set({ precision: 30 }) && String(new Decimal(2).ln()), new Decimal('7.5').mod(2).toJSON(),
]
