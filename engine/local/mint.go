package local

// MintToken is the token of an engine that serves at these addresses, whether it
// runs or not (hatchet-protocol.md section 1.2).
func MintToken(grpcAddr, serverURL string) string {
	return mintToken(DefaultTenantID, grpcAddr, serverURL)
}
