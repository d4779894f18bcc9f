package glue_test

import (
	"crypto/tls"
	"encoding/pem"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hatchet-js/hatchet-js-worker/bindings/glue/gluetest"
	"github.com/hatchet-js/hatchet-js-worker/bindings/permit"
)

// selfSigned is a certificate for 127.0.0.1, and its PEM text.
func selfSigned(t testing.TB) (*tls.Config, string) {
	t.Helper()
	server := httptest.NewUnstartedServer(nil)
	server.StartTLS()
	server.Close()
	certificate := server.TLS.Certificates[0]
	return &tls.Config{Certificates: []tls.Certificate{certificate}},
		string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate.Certificate[0]}))
}

// A server whose certificate an authority of one's own has issued is connected to
// when that authority is named, by the name that is in the certificate.
func TestPostgresOverTLS(t *testing.T) {
	where, ours := servers.Postgres(t), servers.PostgresAuthority(t)
	other, err := gluetest.NewAuthority()
	if err != nil {
		t.Fatal(err)
	}
	m, dir := granted(t, permit.Rules{permit.Net: allow("127.0.0.1", "localhost"), permit.Read: allow("ours.pem", "other.pem", "none.pem")})
	for name, text := range map[string]string{"ours.pem": ours.PEM, "other.pem": other.PEM, "none.pem": "nothing", "closed.pem": ours.PEM} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	on := func(params string) string {
		return onSQL("postgres", strings.Replace(where, "sslmode=disable", params, 1))
	}
	encrypted := "return (await db.queryRow('select ssl from pg_stat_ssl where pid = pg_backend_pid()')).ssl"
	m.Expect(t, on("sslmode=disable")+encrypted, `false`)
	for _, params := range []string{"sslmode=verify-full&sslrootcert=ours.pem", "sslmode=verify-ca&sslrootcert=ours.pem", "sslmode=require&sslrootcert=ours.pem", "sslmode=require"} {
		m.Expect(t, on(params)+encrypted, `true`)
	}
	said := "try { await db.query('select 1') } catch (e) { return [e.name, e.code, /certificate/.test(e.message), e.message.includes('secret-of-app')] } return 'it did not'"
	m.Expect(t, on("sslmode=verify-full&sslrootcert=other.pem")+said, `["SqlError","UNABLE_TO_VERIFY_LEAF_SIGNATURE",true,false]`)
	m.Expect(t, on("sslmode=verify-full")+said, `["SqlError","UNABLE_TO_VERIFY_LEAF_SIGNATURE",true,false]`)
	m.Expect(t, strings.Replace(on("sslmode=verify-full&sslrootcert=ours.pem"), "127.0.0.1", "localhost", 1)+said, `["SqlError","ERR_TLS_CERT_ALTNAME_INVALID",true,false]`)
	m.Expect(t, on("sslmode=verify-full&sslrootcert=none.pem")+"try { await db.query('select 1') } catch (e) { return e.message }", `"none.pem holds no certificate"`)
	m.Expect(t, on("sslmode=verify-full&sslrootcert=closed.pem")+"return fails(db.query('select 1'))", `["NotCapable","EACCES"]`)
}
