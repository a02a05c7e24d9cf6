package scrub

import (
	"bytes"
	"regexp"
	"strings"

	"github.com/plumbline-net/plumbline/netdev/platform"
)

// The catch-alls hold for every platform, an unknown one too, after its own
// list. They are the forms that secrets have in most command languages.

// value is one word or a quoted string; keyword a word that ends in what names
// a secret; between them stand words that say how it is written.
const (
	value     = `"(?P<s1>[^"\r\n]+)"|'(?P<s2>[^'\r\n]+)'|(?P<s>[^\s"';{}\[\]<>,][^\s"';{}<>,]*)`
	qualifier = `(?:(?:level|type|index) \d+|password|\d+|0x\d|encrypted|encryption-type|hash2?|hashed|irreversible-cipher|cipher|ciphertext|cipher-text|plaintext|plain-text|plain|simple|cleartext|clear-text|clear|ascii-text|ascii|hexadecimal|hex|bcrypt|scrypt|sha-?\d*|md5|text|string|local|remote|set-key|key-string|key|manager|operator|address \S+ key|algorithm-type \S+|user-name (?:"[^"]*"|\S+)|is|=|:)`
	keyword   = `(?:[\w.-]*(?:password|passwd|passwort|passphrase|pass-phrase|secret|psk)(?:-hash|-hashed|-value|[-_]encrypted)?|(?:[\w.-]*[-_])?(?:pre-?shared-?key|pre_shared_key|preshared|key-string|authentication-key|auth-key|authkey|message-digest-key|md5-key|encryption-key|encrypt-key|server-key|private-key|shared-key|secret-key|pac-key|hash-key|auth-pass|priv-pass|auth-pwd|priv-pwd|passkey|pksecret|phash|privacy-key|virtual-controller-key))`
)

// A catchall is a rule with a test in Go for what an expression cannot say.
type catchall struct {
	platform.Secret
	re     string
	unless string
	not    string // not inside a header that matches
	check  func(line, value []byte) bool
	word   bool // it begins with a keyword
}

var catchalls = []catchall{
	{re: `(?P<s>\$(?:1|4|5|6|7|8|9|y|h|c|M|sha1|sha256|sha512|2[abxy]?|argon2id?|pbkdf2-sha\d+|aes\d*)\$[^\s"'<>;,\\\]})]+)`, check: notVariable},
	{re: `\bENC (?P<s>[A-Za-z0-9+/]{6,}={0,2})`, Secret: platform.Secret{Form: "reencrypted"}},
	{re: `(?P<s>-AQ==[\w+/=-]+)`},
	{re: `(?P<s>%(?:\^%#|@%@|\$%\$|#%#|\^%\^|@%#).+?%(?:\^%#|@%@|\$%\$|#%#|\^%\^|@%#))`},
	{re: `-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----(?P<s>[^-].+?)-----END`, Secret: platform.Secret{Form: "pem"}},
	{re: `://[^\s:/@"'<>]*:(?P<s>[^\s"'/<>]+)@`},
	{re: `(?i)\bpasswd "?\w+"? encrypted (?P<s>\S+)`, check: likelyKey},
	{re: `(?i)\b(?:irreversible-cipher|key cipher|md5 \d+ cipher) (?P<s>\S+)`},
	{re: `(?i)\b(?:password|secret|passphrase|psk|key) \d,(?P<s>[^\s,]+)`},
	{re: `(?i)\bpreshare "?(?P<s>[^\s"]+)`, check: likelyKey},
	{re: `(?i)(?:^|[\s"'(,;!-])` + keyword + `((?:\s+` + qualifier + `)*)[\s:=]+(?:` + value + `)`, unless: `^\s*(?:description|remark|comment|alias|#|!|//|/\*)`, check: likelySecret, word: true},
	{re: `(?i)^\s*(?:\d+ )?(?:server-)?key (?P<form>[06789]|10) "?(?P<s>[^\s"]+)`},
	{re: `(?i)^\s+(?:server-|radius-)?key (?P<s>[^\s{}"';]+)\s*$`, not: `^(?:sort|group|order|hash)`, check: likelyKey},
	{re: `(?i)\b(?:tacacs|radius|ldap|server-private)\S*\s.*?\bkey (?:(?P<form>\d|encrypted|ciphertext|plaintext|cipher|simple|hash2?) )?"?(?P<s>[^\s"]+)`, check: likelyKey},
	{re: `(?i)\bfailover (?:ipsec pre-shared-)?key (?:hex |\d )?(?P<s>\S+)`, check: likelyKey},
	{re: `(?i)\bsnmp\S* (?:-\w+ |add |set |edit )?(?:server )?community (?:(?:read|write|ro|rw|string|name|index \d+|encrypted|clear|plaintext|[078]) )*(?:(?P<form>cipher|simple|hash2?|ciphertext|encrypted) )?"?(?P<s>[^\s"{};]+)`, Secret: platform.Secret{Form: "community"}, check: likelyName},
	{re: `(?i)\b(?:snmp-community|(?:readonly|readwrite|ro|rw)-community|rocommunity6?|rwcommunity6?|community-name|community-string|snmp trap-group|trap-community|get-community|set-community) (?:(?P<form>[078]|cipher|simple|encrypted) )?"?(?P<s>[^\s"{};]+)`, Secret: platform.Secret{Form: "community"}, check: likelyName},
	{re: `(?i)\bsnmp\S* host .*?\bcommunity (?:(?P<form>[078]|encrypted) )?"?(?P<s>[^\s"{};]+)`, Secret: platform.Secret{Form: "community"}, check: likelyName},
	{re: `(?i)^\s*snmp-server host (?:\S+ )??[\w.:-]*[.:][\w.:-]* (?:(?:(?:vrf|use-vrf|filter-vrf|udp-port|source-interface) \S+|traps?|informs?|version (?:1|2c?|3(?: (?:auth|noauth|priv))?)|v?2c|community) )*"?(?P<s>[^\s"]+)`, Secret: platform.Secret{Form: "community"}, check: likelyName},
	{re: `(?i)^set community (?P<s>[^\s:(${}]+)(?:\s+\S.*)?$`, unless: `\badditive\b`, Secret: platform.Secret{Form: "community"}, check: likelyCommunity},
	{re: `(?i)\bsnmp.*\bauth (?:md5|sha\S*|hash2?) (?:\d |encrypted |ciphertext )?"?(?P<s1>[^\s"]+)"?(?: (?P<s3>[0-9a-f]{16,}))?(?: priv(?:acy)? (?:(?:aes|des|3des)\S*(?: (?:128|192|256))? )?(?:\d |encrypted |ciphertext )?"?(?P<s2>[^\s"]+))?`, check: likelyKey},
	{re: `(?i)\b(?:authentication-mode|privacy-mode|authentication-protocol|auth-protocol|priv-protocol|authentication|privacy) (?:md5|sha\S*|aes\S*|3?des\S*) (?:cipher |simple |hex |hash2? |auth-key |priv-key |\d )?"?(?P<s>[^\s"]+)`, unless: `(?i)^\s*(?:standby|vrrp|glbp|ntp|ip |ipsec|set |isis|area)`, check: likelyHard},
	{re: `(?i)\busm-user .*\bauthentication-mode \S+ (?:cipher |simple )?(?P<s1>[^\s"]+)(?: privacy-mode \S+ (?:cipher |simple )?(?P<s2>[^\s"]+))?`, check: likelyKey},
	{re: `(?i)\bauthentication mode hmac-\S+ (?:(?P<form>\d) )?(?P<s>\S+)`, check: likelyKey},
	{re: `(?i)\bcreate account \S+ \S+ (?:encrypted )?"?(?P<s>[^\s"]+)`, check: likelyKey},
	{re: `(?i)\bcreateuser \S+(?: -\w \S+)* (?:md5|sha\S*) "?(?P<s1>[^\s"]+)"?(?: (?:aes|des)\S* "?(?P<s2>[^\s"]+))?`},
	{re: `(?i)\b(?:standby|vrrp|glbp|hsrp)(?: \S+){0,3} authentication (?:mode )?(?:(?:text|simple|plain|md5 key-string|md5) )?(?:(?P<form>[078]|cipher|simple|plain) )?"?(?P<s>[^\s"]+)`, check: likelyKey},
	{re: `(?i)\bauthentication (?:text|simple|md5 key-string) (?:(?P<form>[078]) )?(?P<s>[^\s"]+)`, check: likelyKey},
	{re: `(?i)\bisakmp key (?:(?P<form>\d) )?(?P<s>\S+) (?:address|hostname)`},
	{re: `(?i)\bset session-key (?:inbound|outbound) \S+ \d+ (?:cipher )?(?P<s1>[0-9a-f]{4,})`},
	{re: `(?i)\bset session-key .*\bauthenticator (?P<s>[0-9a-f]{4,})`},
	{re: `(?i)\bkey-hash \S+ (?P<s>\S+)`},
	{re: `(?i)\b(?:key )?(?:hexadecimal|ascii-text) "?(?P<s>[^\s";]+)`, check: likelyKey},
	{re: `(?i)\bppp (?:chap|pap) (?:hostname|sent-username \S+ password) (?:\d )?(?P<s>\S+)`, check: likelyKey},
	{re: `(?i)\bsyscon (?:address \S+|password) (?P<s>\S+)`, check: likelyKey},
	{re: `(?i)\bunsupported-transceiver \S+ (?P<s>\S+)`},
	{re: `(?i)\blicen[sc]e keys? (?:key |add )?"(?P<s>[^"]+)"`},
	{re: `(?i)\bevent manager environment \S*(?:pw|pass|secret|key|token|cred)\S* (?P<s>\S+)`},
	{re: `(?i)\b(?:wpa-psk|wpa2-psk|wpa-key|set-key) (?:ascii|hex) (?:\d )?(?P<s>\S+)`},
	{re: `(?i)\bauthentication-key-chain \S+ key \d+ .*\bvalue (?P<s>\S+)`},
	{re: `(?i)["'](?:[\w.-]*(?:password|passwd|passphrase|psk|secret|passkey|auth_?key|private_?key|pre_?shared_?key|api_?key|snmp_?community|rocommunity|community_string))\\?["']\s*:\s*\\?["'](?P<s>[^"'\\]+)`, check: likelyKey},
	{re: `"SNMP_COMMUNITY"\s*:\s*\{\s*"(?P<s>[^"]+)"`, Secret: platform.Secret{Form: "community"}},
	{re: `(?i)<(?:[\w:.-]*(?:password|passwd|passphrase|secret|psk|pre[-_]?shared[-_]?key|phash|bcrypt-hash|md5-hash|sha512-hash|nt-hash|passwd-hash|prv|private[-_]?key|privkey|rocommunity|rwcommunity|authkey|auth-key|ldap_bindpw|bindpw|radius_secret|otp_seed|apikey|shared_key|tls))>(?P<s>[^<>]+)</`, check: likelyKey},
	{re: `(?i)<(?:snmp-)?community(?:-string)?>(?P<s>[^<>:]+)</`, Secret: platform.Secret{Form: "community"}, check: likelyName},
	{re: `(?i)(?:^|[\s,;"'(])(?:[\w.-]*(?:password|passwd|passphrase|secret|psk|pre-shared-key|preshared-key|private-key|authentication-key|authkey|auth-key|wpa-key|community|_pw))=(?:"(?P<s1>[^"]+)"|(?P<s>[^\s"]+))`, check: likelyKey},
	{re: `(?i)^\s*(?:logins?|user|username|account) \S+ (?:pass|pwd) (?P<s>\S+)`, check: likelyKey},
}

func notVariable(_, v []byte) bool { return len(v) > 4 }

// likelySecret refuses words that are part of a command and not a value.
func likelySecret(_, v []byte) bool {
	s := string(v)
	return len(s) > 0 && !isVocabulary(s) && !allDigits(s, 3) && s[0] != '$' && s[0] != '(' && s[0] != '<' && s[0] != '*' && !strings.HasPrefix(s, "--")
}

// likelyName refuses only the words that stand where a community may stand.
func likelyName(_, v []byte) bool {
	s := strings.ToLower(string(v))
	return s != "" && !structural[s] && !allDigits(s, 2) && s[0] != '$' && s[0] != '(' && s[0] != '<' && s[0] != '{' && s[0] != '['
}

var structural = words("poll use-vrf filter-vrf source-interface add additive access authorization class clear community delete disable dynamic enable encrypted group host index inform informs ipv4 ipv6 list location map members name no no-export none port read read-only read-write remove ro rw set string target-host trap traps udp-port user v1 v2c v3 version view vrf write ciphertext cipher plaintext simple hash hash2 enc")

// likelyKey also refuses names of files and numbers of keys.
func likelyKey(line, v []byte) bool {
	s := string(v)
	if !likelySecret(line, v) || allDigits(s, 10) && bytes.Contains(line, []byte("key")) {
		return false
	}
	for _, end := range []string{".key", ".pem", ".crt", ".der", ".pub"} {
		if strings.HasSuffix(s, end) {
			return false
		}
	}
	return s[0] != '/'
}

// likelyHard wants a value that no word of a command looks like.
func likelyHard(line, v []byte) bool {
	return likelyKey(line, v) && (len(v) > 10 || bytes.ContainsAny(v, "0123456789$%^@!#&*=+"))
}

func likelyCommunity(line, v []byte) bool {
	s := string(v)
	return likelyKey(line, v) && strings.Trim(s, "0123456789") != ""
}

func allDigits(s string, longest int) bool {
	return len(s) <= longest && strings.Trim(s, "0123456789") == ""
}

// isVocabulary says that a value is a lower-case word of command languages, or
// several joined by dashes.
func isVocabulary(s string) bool {
	if strings.HasPrefix(s, "peeras") {
		return true
	}
	for _, part := range strings.FieldsFunc(s, func(r rune) bool { return r == '-' || r == '_' }) {
		if !vocabulary[strings.ToLower(part)] && !allDigits(part, 4) {
			return false
		}
	}
	return true
}

var vocabulary = words(`
a aaa abort accept access account accounting action add additive address admission advertise aes aes128 aes192 aes256 agent aging alert alias all allow allowed always and any
application area as asn at attempts auth authenticate authentication authenticator authorization auto autonomous based bad before bgp bind both broadcast by cache
certificate chain change chap character characters check cipher ciphertext class clear cleartext client command common complexity config configuration configured
confirm confirmation console context control count cross custom database date day days default delay delete deny des 3des dh dhcp dictionary digest disable
disabled disallow display dns domain dot1x dynamic eap edit enable enabled enc encoding encrypt encrypted encryption end enforce engine exclude exec exempt expiration expire expired expires expiry
export external fail failed failure false fallback field file first flag for force format forward found from group gshut hash hashed hello help hidden hide history host hour hours hostname
id identifier identity idle if ignore import in include index info inherit input interface interfaces internal internet interval invalid ip ipaddress irreversible ipsec ipv4 ipv6 is isis
key keys keychain kerberos key10 last ldap length less level lifetime limit line link list local lock locked lockout log logging login logon logout lower lowercase machine
management manager manual max maximum md5 message min minimum minlen minutes mode modify module must name neighbor network never new next no nohash non none not notify ntp null number numeric
of off old on once only operator option optional options or ospf other out output p2p padding pap parameters pass password passwords path peer per permanent permit persistent pki plain plaintext policy
port ppp prefix prefer primary priv privilege localizedkey localized profile prompt properties protect protection protocol provided query quality radius read reject recovery remote remove
renew repeat repeated replace request require required requirements reset restrict retries retry reuse reversible role root router rsa rule save seconds secret secure security sequence
server service session set settings sha sha1 sha256 sha512 shared show simple since snmp source special ssh ssl static status store strength strong subnet such summary support supported
sync synchronization system tacacs tcp telnet template text than the then time timeout times to token trap tries true trust type udp unencrypted unique unset until update upper uppercase use used user
userid username users usm using v1 v2c v3 valid validation value version view vlan vpn vrf warning web when will window with word write x509 xauth yes zone
`)

func words(s string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(s) {
		m[w] = true
	}
	return m
}

// compileCatchalls gives the catch-alls as rules.
func compileCatchalls() []rule {
	out := make([]rule, 0, len(catchalls))
	for _, c := range catchalls {
		r := newRule(regexp.MustCompile(c.re), c.Form)
		if c.unless != "" {
			r.unless = regexp.MustCompile(c.unless)
		}
		if c.not != "" {
			r.not = regexp.MustCompile(c.not)
		}
		r.check, r.word = c.check, c.word
		out = append(out, r)
	}
	return out
}
