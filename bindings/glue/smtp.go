package glue

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/dop251/goja"
	mail "github.com/wneessen/go-mail"

	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
	"github.com/hatchet-js/hatchet-js-worker/bindings/permit"
)

const smtpTypes = `interface SmtpServer {
  host: string;
  /** 587 if not given, 465 with tls: 'implicit'. */
  port?: number;
  /** 'starttls' demands it, 'implicit' begins with TLS, 'none' sends in the clear. 'starttls' if not given, 'implicit' on port 465. */
  tls?: 'starttls' | 'implicit' | 'none';
  user?: string;
  password?: string;
  /** Certificates to trust instead of the system's, as PEM text. */
  ca?: string;
}
interface SmtpMessage {
  from: string;
  to?: string | string[];
  cc?: string | string[];
  bcc?: string | string[];
  replyTo?: string;
  subject?: string;
  text?: string;
  html?: string;
  headers?: Record<string, string>;
  attachments?: { filename: string; content: string | Uint8Array; contentType?: string }[];
}`

// smtpModule is hatchet:smtp.
var smtpModule = native.Module{
	Name: "hatchet:smtp",
	Doc: "Sends mail (--allow-net). A server is an object or a URL: smtp://user:password@host:587 with STARTTLS, smtps://… with TLS from the beginning. Errors have " +
		"the name SmtpError, the code SMTP_REJECTED, SMTP_AUTH, SMTP_TLS, ECONNREFUSED and so on, and what the server said as responseCode.",
	Members: []member{
		{Name: "send", Type: "(server: string | SmtpServer, message: SmtpMessage): Promise<{ messageId: string; accepted: string[] }>", Length: 2,
			Doc: "Sends one message to all its recipients, or to none.", Async: sendMail},
	},
	Types: smtpTypes,
	Example: `import smtp from 'hatchet:smtp'

const { accepted } = await smtp.send({ host: process.env.SMTP_HOST, port: Number(process.env.SMTP_PORT), tls: 'none' }, {
  from: 'Billing <billing@example.com>', to: ['ada@example.com'], subject: 'Invoice 17', text: 'Attached.',
  attachments: [{ filename: 'invoice.csv', content: 'sku,count\ntea,3\n' }],
})
console.log(accepted) // -> [ 'ada@example.com' ]`,
}

// smtpTime bounds each step of a conversation.
const smtpTime = 60 * time.Second

// smtpServer is where mail goes.
type smtpServer struct {
	host, user, password, tls, ca string
	port                          int
}

func smtpServerOf(h *native.Host, v goja.Value) smtpServer {
	if goja.IsString(v) {
		return smtpServerOfURL(h, v.String())
	}
	b := bagOf(h, native.Object(h.Runtime, v, "smtp.send: the server"), "smtp.send: the server", "host", "port", "tls", "user", "password", "ca")
	s := smtpServer{host: b.required("host"), port: b.integer("port", 0, 1, 65535), user: b.text("user", ""), password: b.text("password", ""), ca: b.text("ca", "")}
	standard := "starttls"
	if s.port == 465 {
		standard = "implicit"
	}
	s.tls = b.choice("tls", standard, "starttls", "implicit", "none")
	return s.complete()
}

func (s smtpServer) complete() smtpServer {
	if s.port == 0 {
		s.port = map[bool]int{true: 465, false: 587}[s.tls == "implicit"]
	}
	return s
}

func smtpServerOfURL(h *native.Host, text string) smtpServer {
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" || u.Scheme != "smtp" && u.Scheme != "smtps" || u.RawQuery != "" || strings.Trim(u.Path, "/") != "" {
		native.Throw(h.Runtime, "smtp.send: the server must be an object, or a URL such as smtp://user:password@host:587 or smtps://host")
	}
	s := smtpServer{host: u.Hostname(), user: u.User.Username(), tls: map[string]string{"smtp": "starttls", "smtps": "implicit"}[u.Scheme]}
	s.password, _ = u.User.Password()
	s.port, _ = strconv.Atoi(u.Port()) // net/url has checked that it is a number
	return s.complete()
}

func sendMail(h *native.Host, call goja.FunctionCall) native.Work {
	server := smtpServerOf(h, call.Argument(0))
	message, accepted, err := mailOf(h, call.Argument(1))
	if err != nil {
		native.Throw(h.Runtime, "smtp.send: %v", err)
	}
	return func(ctx context.Context) (any, error) {
		if err := server.send(ctx, message); err != nil {
			return nil, smtpFailure(err)
		}
		return native.Record{{Name: "messageId", Value: strings.Trim(message.GetMessageID(), "<>")}, {Name: "accepted", Value: accepted}}, nil
	}
}

func (s smtpServer) send(ctx context.Context, message *mail.Msg) error {
	config := &tls.Config{ServerName: s.host}
	if s.ca != "" {
		roots, err := rootsOf(s.ca)
		if err != nil {
			return err
		}
		config.RootCAs = roots
	}
	options := []mail.Option{mail.WithPort(s.port), mail.WithTimeout(smtpTime), mail.WithTLSConfig(config), mail.WithHELO("localhost"),
		mail.WithDialContextFunc(s.dialer(permit.From(ctx), config))}
	way := mail.SMTPAuthAutoDiscover
	switch s.tls {
	case "starttls":
		options = append(options, mail.WithTLSPolicy(mail.TLSMandatory))
	case "implicit":
		options = append(options, mail.WithSSL())
	default: // said so, for instance of a relay on this machine
		options = append(options, mail.WithTLSPolicy(mail.NoTLS))
		way = mail.SMTPAuthPlainNoEnc
	}
	if s.user != "" {
		options = append(options, mail.WithSMTPAuth(way), mail.WithUsername(s.user), mail.WithPassword(s.password))
	}
	client, err := mail.NewClient(s.host, options...)
	if err != nil {
		return err
	}
	return client.DialAndSendWithContext(ctx, message)
}

// dialer connects through the door, and begins with TLS if that is the way.
func (s smtpServer) dialer(run *permit.Run, config *tls.Config) mail.DialContextFunc {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := run.Dial(ctx, network, address)
		if err != nil || s.tls != "implicit" {
			return conn, err
		}
		return overTLS(ctx, conn, config, address)
	}
}

// mailOf reads a message, and to whom it goes.
func mailOf(h *native.Host, v goja.Value) (message *mail.Msg, recipients []string, err error) {
	b := bagOf(h, native.Object(h.Runtime, v, "smtp.send: the message"), "smtp.send", "from", "to", "cc", "bcc", "replyTo", "subject", "text", "html", "headers", "attachments")
	m := mail.NewMsg()
	err = errors.Join(m.From(b.required("from")), m.To(b.texts("to")...), m.Cc(b.texts("cc")...), m.Bcc(b.texts("bcc")...))
	if to := b.text("replyTo", ""); to != "" {
		err = errors.Join(err, m.ReplyTo(to))
	}
	if err != nil {
		return nil, nil, err
	}
	if recipients, err = m.GetRecipients(); err != nil {
		return nil, nil, errors.New("the message has no recipient: give to, cc or bcc")
	}
	for i, to := range recipients {
		recipients[i] = strings.Trim(to, "<>")
	}
	m.Subject(b.text("subject", ""))
	m.SetDate()
	m.SetMessageID()
	mailBody(m, b)
	if headers := b.get("headers"); headers != nil {
		object := native.Object(h.Runtime, headers, b.label("headers"))
		for _, name := range object.Keys() {
			value := native.String(h.Runtime, object.Get(name), b.label("headers."+name))
			if strings.ContainsAny(name+value, "\r\n") {
				return nil, nil, fmt.Errorf("the header %q has a line's end in it", name)
			}
			m.SetGenHeader(mail.Header(name), value)
		}
	}
	return m, recipients, attach(m, b)
}

func mailBody(m *mail.Msg, b bag) {
	text, html := b.get("text"), b.get("html")
	switch {
	case text == nil && html == nil:
		m.SetBodyString(mail.TypeTextPlain, "")
	case text == nil:
		m.SetBodyString(mail.TypeTextHTML, b.text("html", ""))
	default:
		m.SetBodyString(mail.TypeTextPlain, b.text("text", ""))
		if html != nil {
			m.AddAlternativeString(mail.TypeTextHTML, b.text("html", ""))
		}
	}
}

func attach(m *mail.Msg, b bag) error {
	list := b.get("attachments")
	if list == nil {
		return nil
	}
	for i, item := range native.Elements(b.h.Runtime, list, b.label("attachments")) {
		a := bagOf(b.h, item, fmt.Sprintf("smtp.send: attachments[%d]", i), "filename", "content", "contentType")
		var options []mail.FileOption
		if kind := a.text("contentType", ""); kind != "" {
			options = append(options, mail.WithFileContentType(mail.ContentType(kind)))
		}
		content := bytesOf(b.h, a.get("content"), a.label("content"))
		if err := m.AttachReader(a.required("filename"), bytes.NewReader(content), options...); err != nil {
			return err
		}
	}
	return nil
}

func smtpFailure(err error) error {
	if known := permit.Said(err); known != nil {
		return known
	}
	var said *mail.SendError
	f := &failure{name: "SmtpError", err: err, code: networkCode(err)}
	if errors.As(err, &said) {
		f.code = "SMTP_REJECTED"
		if code := said.ErrorCode(); code != 0 {
			f.details = map[string]any{"responseCode": code}
		}
	}
	text := err.Error()
	switch {
	case f.code != "":
	case strings.Contains(text, "AUTH") || strings.Contains(text, "auth"):
		f.code = "SMTP_AUTH"
	case strings.Contains(text, "TLS"):
		f.code = "SMTP_TLS"
	default:
		f.code = "SMTP_FAILED"
	}
	return f
}
