import nodemailer from 'nodemailer'

export default async () => {
  const sent = await nodemailer.createTransport({ jsonTransport: true }).sendMail({ from: 'a@x.example', to: 'b@x.example', subject: 'hello', text: 'hi' })
  return JSON.parse(sent.message).subject
}
