package local

import (
	"encoding/base64"
	"encoding/json"
	"net"
)

// tokenExpiry is the year 2100: tokens of an embedded engine do not run out.
const tokenExpiry = 4102444800

// tokenID is the id of the one token record that there is.
const tokenID = "0b8f6f0e-3a55-4a5c-8f0b-6c1f4d7a9e20"

// MintToken is the token of an engine of the default tenant that serves at these
// addresses, whether it runs or not (hatchet-protocol.md section 1.2).
func MintToken(grpcAddr, serverURL string) string {
	return mintToken(DefaultTenantID, grpcAddr, serverURL)
}

// mintToken makes the token with which clients find and join the engine
// (hatchet-protocol.md section 1.2). Clients do not verify signatures, and a
// token from one's own machine protects nothing, so it is not signed. The same
// arguments give the same token.
func mintToken(tenantID, grpcAddr, serverURL string) string {
	claims := struct {
		Subject   string `json:"sub"`
		Broadcast string `json:"grpc_broadcast_address"`
		ServerURL string `json:"server_url"`
		Expires   int64  `json:"exp"`
		IssuedAt  int64  `json:"iat"`
		Issuer    string `json:"iss"`
		Audience  string `json:"aud"`
		TokenID   string `json:"token_id"`
	}{tenantID, grpcAddr, serverURL, tokenExpiry, 0, serverURL, serverURL, tokenID}
	payload, err := json.Marshal(claims)
	if err != nil {
		return "" // texts and numbers always encode
	}
	encode := base64.RawURLEncoding.EncodeToString
	return encode([]byte(`{"alg":"none","typ":"JWT"}`)) + "." + encode(payload) + "." + encode([]byte("unsigned"))
}

// reachable is the address under which clients on this machine reach a
// listener: a listener on all interfaces is reached on the loopback one.
func reachable(addr net.Addr) string {
	tcp, ok := addr.(*net.TCPAddr)
	if !ok {
		return addr.String()
	}
	if tcp.IP.IsUnspecified() {
		local := *tcp
		local.IP = net.IPv4(127, 0, 0, 1)
		return local.String()
	}
	return tcp.String()
}
