package cli

import (
	"errors"
	"slices"
	"strings"

	"golang.org/x/crypto/ssh"

	"github.com/plumbline-net/plumbline/netdev"
)

// algorithms lists what is offered to a server. With legacy the broken ones
// are added behind all others. The types of key that are known for the host
// come first.
func algorithms(legacy bool, known []string) (ssh.Config, []string) {
	good := ssh.SupportedAlgorithms()
	notSHA1 := func(name string) bool { return name == ssh.HMACSHA1 }
	cfg := ssh.Config{
		KeyExchanges: good.KeyExchanges,
		Ciphers:      good.Ciphers,
		MACs:         slices.DeleteFunc(slices.Clone(good.MACs), notSHA1),
	}
	// Certificates only where nothing else is shown: a pin is a plain key.
	isCert := func(name string) bool { return strings.Contains(name, "-cert-") }
	keys := slices.DeleteFunc(slices.Clone(good.HostKeys), isCert)
	if i := slices.Index(keys, ssh.KeyAlgoED25519); i > 0 {
		keys = slices.Insert(slices.Delete(keys, i, i+1), 0, ssh.KeyAlgoED25519)
	}
	if legacy {
		cfg.KeyExchanges = append(cfg.KeyExchanges, ssh.InsecureKeyExchangeDH14SHA1, ssh.InsecureKeyExchangeDH1SHA1, ssh.InsecureKeyExchangeDHGEXSHA1)
		cfg.Ciphers = append(cfg.Ciphers, ssh.InsecureCipherAES128CBC, ssh.InsecureCipherTripleDESCBC)
		cfg.MACs = append(cfg.MACs, ssh.HMACSHA1, ssh.InsecureHMACSHA196)
		//lint:ignore SA1019 devices that know nothing else are the reason for the opt-in
		keys = append(keys, ssh.KeyAlgoRSA, ssh.InsecureKeyAlgoDSA)
	}
	slices.SortStableFunc(keys, func(a, b string) int { return rank(known, a) - rank(known, b) })
	return cfg, keys
}

// rank is 0 for an algorithm that proves a key of a known type.
func rank(known []string, algorithm string) int {
	if slices.Contains(known, algorithm) || strings.HasPrefix(algorithm, "rsa-sha2-") && slices.Contains(known, ssh.KeyAlgoRSA) {
		return 0
	}
	return 1
}

// negotiation turns a failed choice of algorithms into a reason: LegacyCrypto
// where the legacy profile would have helped, else Handshake; the offer of the
// device is told.
func negotiation(err error, legacy bool) *netdev.OpError {
	none, ok := errors.AsType[*ssh.AlgorithmNegotiationError](err)
	if !ok {
		return nil
	}
	reason := netdev.Handshake
	if !legacy {
		old, keys := algorithms(true, nil)
		for _, offered := range none.RequestedAlgorithms {
			if slices.Contains(old.KeyExchanges, offered) || slices.Contains(old.Ciphers, offered) || slices.Contains(old.MACs, offered) || slices.Contains(keys, offered) {
				reason = netdev.LegacyCrypto
			}
		}
	}
	return fail(reason, "connect", "%s: the device offers %s", none.What, clip(strings.Join(none.RequestedAlgorithms, " "), 600))
}
