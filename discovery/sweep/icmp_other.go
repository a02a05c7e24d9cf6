//go:build !linux

package sweep

// Other systems do not say which address an ICMP error is about: such
// addresses stay silent.
func askForErrors(*sock) {}

func (r *run) drain(*sock) {}
