package glue_test

import (
	"io"
	"net"
	"strings"
	"sync"
	"testing"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"github.com/hatchet-js/hatchet-js-worker/bindings/permit"
)

// mailbox is a server of mail that keeps what it gets.
type mailbox struct {
	mu       sync.Mutex
	from     string
	to       []string
	messages []string
}

func (m *mailbox) NewSession(*smtp.Conn) (smtp.Session, error) { return &mailSession{m}, nil }

type mailSession struct{ box *mailbox }

func (*mailSession) AuthMechanisms() []string { return []string{sasl.Plain} }

func (*mailSession) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != "app" || password != "secret-of-app" {
			return smtp.ErrAuthFailed
		}
		return nil
	}), nil
}

func (s *mailSession) Mail(from string, _ *smtp.MailOptions) error {
	s.box.mu.Lock()
	defer s.box.mu.Unlock()
	s.box.from, s.box.to = from, nil
	return nil
}

func (s *mailSession) Rcpt(to string, _ *smtp.RcptOptions) error {
	if strings.HasPrefix(to, "nobody@") {
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such user"}
	}
	s.box.mu.Lock()
	defer s.box.mu.Unlock()
	s.box.to = append(s.box.to, to)
	return nil
}

func (s *mailSession) Data(r io.Reader) error {
	text, err := io.ReadAll(r)
	s.box.mu.Lock()
	defer s.box.mu.Unlock()
	s.box.messages = append(s.box.messages, string(text))
	return err
}

func (*mailSession) Reset()        {}
func (*mailSession) Logout() error { return nil }

// serveMail starts a server of mail, with TLS if a configuration is given.
func serveMail(t *testing.T, configure func(*smtp.Server)) (*mailbox, string) {
	t.Helper()
	box := &mailbox{}
	server := smtp.NewServer(box)
	server.Domain, server.AllowInsecureAuth, server.ErrorLog = "localhost", true, silent{}
	if configure != nil {
		configure(server)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() { defer close(done); _ = server.Serve(l) }()
	t.Cleanup(func() { _ = server.Close(); <-done })
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return box, port
}

type silent struct{}

func (silent) Printf(string, ...any) {}
func (silent) Println(...any)        {}

const smtpHead = "const smtp = require('hatchet:smtp'); const mail = { from: 'Us <us@example.com>', to: 'ada@example.com', subject: 'Grüße', text: 'Hallo' }; " + each

func TestMailIsSent(t *testing.T) {
	box, port := serveMail(t, nil)
	m, _ := granted(t, permit.Rules{permit.Net: allow("127.0.0.1")})
	server := `{ host: '127.0.0.1', port: ` + port + `, tls: 'none', user: 'app', password: 'secret-of-app' }`
	m.Expect(t, smtpHead+`const r = await smtp.send(`+server+`, { ...mail, cc: ['bob@example.com'], bcc: 'eve@example.com', replyTo: 'desk@example.com', html: '<b>Hallo</b>', headers: { 'X-Run': '17' }, attachments: [{ filename: 'a.csv', content: 'a,b\n', contentType: 'text/csv' }, { filename: 'b.bin', content: Buffer.from([0, 255]) }] });
return [r.accepted, r.messageId.includes('@')]`, `[["ada@example.com","bob@example.com","eve@example.com"],true]`)
	text := strings.Join(box.messages, "\n")
	for _, want := range []string{"From: \"Us\" <us@example.com>", "Cc: <bob@example.com>", "Reply-To: <desk@example.com>", "Subject: =?UTF-8?", "X-Run: 17", "text/html", "filename=\"a.csv\"", "text/csv", "AP8="} {
		if !strings.Contains(text, want) {
			t.Errorf("the message has no %s:\n%s", want, text)
		}
	}
	if strings.Contains(text, "eve@") || len(box.to) != 3 {
		t.Errorf("%v\n%s", box.to, text)
	}
	for call, want := range map[string]string{
		server + `, { ...mail, to: 'nobody@example.com' }`:              `["SmtpError","SMTP_REJECTED"]`,
		strings.Replace(server, "secret-of", "wrong-for", 1) + `, mail`: `["SmtpError","SMTP_AUTH"]`,
		strings.Replace(server, "none", "starttls", 1) + `, mail`:       `["SmtpError","SMTP_TLS"]`,
		strings.Replace(server, port, "1", 1) + `, mail`:                `["SmtpError","ECONNREFUSED"]`,
	} {
		m.Expect(t, smtpHead+`return fails(smtp.send(`+call+`))`, want)
	}
	m.Expect(t, smtpHead+`try { await smtp.send(`+server+`, { ...mail, to: 'nobody@example.com' }) } catch (e) { return e.responseCode }`, `550`)
	for call, want := range map[string]string{
		`'smtp://', mail`:                       `TypeError: smtp.send: the server must be an object, or a URL such as smtp://user:password@host:587 or smtps://host`,
		server + `, { from: 'us@example.com' }`: `TypeError: smtp.send: the message has no recipient: give to, cc or bcc`,
		server + `, { ...mail, headers: { 'X-A': 'b\r\nBcc: x@example.com' } }`: `TypeError: smtp.send: the header "X-A" has a line's end in it`,
		server + `, { ...mail, body: 'x' }`:                                     `TypeError: smtp.send: unknown option "body"; there are from, to, cc, bcc, replyTo, subject, text, html, headers, attachments`,
	} {
		m.Refused(t, smtpHead+`await smtp.send(`+call+`)`, want)
	}
	closed, _ := granted(t, nil)
	closed.Refused(t, smtpHead+`await smtp.send({ host: 'mail.example.com', tls: 'none' }, mail)`, `NotCapable: Requires net access to "mail.example.com:587", run again with --allow-net=mail.example.com`)
}

func TestMailOverTLS(t *testing.T) {
	certificate, pem := selfSigned(t)
	box, port := serveMail(t, func(s *smtp.Server) { s.TLSConfig = certificate; s.AllowInsecureAuth = false })
	m, _ := granted(t, permit.Rules{permit.Net: allow("127.0.0.1")})
	server := "{ host: '127.0.0.1', port: " + port + ", user: 'app', password: 'secret-of-app', ca: `" + pem + "` }"
	m.Expect(t, smtpHead+`await smtp.send(`+server+`, mail); return fails(smtp.send({ ...`+server+`, ca: undefined }, mail))`, `["SmtpError","DEPTH_ZERO_SELF_SIGNED_CERT"]`)
	if len(box.messages) != 1 {
		t.Error(box.messages)
	}
}
