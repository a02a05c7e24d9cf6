package discovery

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/plumbline-net/plumbline/netdev"
)

// whereKeys are the words a choice of devices may use.
var whereKeys = []string{"site", "role", "kind", "vendor", "platform", "os", "model", "version", "serial", "name", "address", "tag"}

// Where reads a choice of devices such as "site:berlin not:role:core edge":
// every word must hold; a value may be a glob; a word without a key is looked
// for in name and address. The error names the word that is not understood.
func Where(expr string) (func(netdev.Device) bool, error) {
	var tests []func(netdev.Device) bool
	for _, word := range strings.Fields(expr) {
		rest, negated := strings.CutPrefix(word, "not:")
		key, value, keyed := strings.Cut(rest, ":")
		if !keyed {
			key, value = "", rest
		}
		if keyed && !slices.Contains(whereKeys, key) {
			return nil, fmt.Errorf("%q: there is no key %q; the keys are %s", word, key, strings.Join(whereKeys, ", "))
		}
		value = strings.ToLower(value)
		if _, err := path.Match(value, ""); err != nil || value == "" {
			return nil, fmt.Errorf("%q: the value is empty or no pattern", word)
		}
		tests = append(tests, func(d netdev.Device) bool { return holds(d, key, value) != negated })
	}
	if len(tests) == 0 {
		return nil, fmt.Errorf("an empty choice of devices; --all means every one")
	}
	return func(d netdev.Device) bool {
		return !slices.ContainsFunc(tests, func(t func(netdev.Device) bool) bool { return !t(d) })
	}, nil
}

func holds(d netdev.Device, key, pattern string) bool {
	if key == "" {
		return strings.Contains(strings.ToLower(d.Name), pattern) || strings.Contains(d.Address.String(), pattern)
	}
	values := map[string][]string{"site": {d.Site}, "role": {d.Role}, "kind": {string(d.Kind)}, "vendor": {d.Vendor},
		"platform": {string(d.Platform)}, "os": {d.OS}, "model": {d.Model}, "version": {d.Version}, "serial": {d.Serial},
		"name": {d.Name}, "address": {d.Address.String()}, "tag": d.Tags}[key]
	return slices.ContainsFunc(values, func(v string) bool {
		ok, err := path.Match(pattern, strings.ToLower(v))
		return err == nil && ok
	})
}
