package archtest

import (
	"go/ast"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/plumbline-net/plumbline/internal/testkit"
)

var vendorNames = regexp.MustCompile(`(?i)\b(cisco|juniper|junos|arista|fortinet|fortios|mikrotik|huawei|comware|procurve|aruba|nokia|extreme|palo ?alto|ubiquiti)\b`)

func TestNoGoFileNamesAVendor(t *testing.T) {
	_, files := sources(t)
	for _, f := range files {
		if f.test || within(f.dir, "internal/sim") {
			continue
		}
		ast.Inspect(f.ast, func(n ast.Node) bool {
			var text string
			switch n := n.(type) {
			case *ast.BasicLit:
				text = n.Value
			case *ast.Ident:
				text = n.Name
			default:
				return true
			}
			if m := vendorNames.FindString(text); m != "" {
				t.Errorf("%s names %q: vendor knowledge is data", f.path, m)
			}
			return true
		})
	}
}

func TestPackagesSayWhatTheyRefuseToKnow(t *testing.T) {
	_, files := sources(t)
	doc := map[string]string{}
	for _, f := range files {
		if f.test && !within(f.dir, "internal/archtest") {
			continue
		}
		if f.ast.Doc != nil {
			doc[f.dir] += f.ast.Doc.Text()
		} else if _, ok := doc[f.dir]; !ok {
			doc[f.dir] = ""
		}
	}
	for dir, text := range doc {
		if len(strings.Fields(text)) < 15 {
			t.Errorf("%s: no paragraph says what the package is for", dir)
		}
	}
}

func TestNoInitAndNoMutablePackageVariable(t *testing.T) {
	_, files := sources(t)
	for _, f := range files {
		if f.test {
			continue
		}
		assigned := assignedNames(f.ast)
		for _, d := range f.ast.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if d.Recv == nil && d.Name.Name == "init" {
					t.Errorf("%s has an init", f.path)
				}
			case *ast.GenDecl:
				if d.Tok != token.VAR {
					continue
				}
				for _, s := range d.Specs {
					for _, name := range s.(*ast.ValueSpec).Names {
						if assigned[name.Name] {
							t.Errorf("%s assigns to the package variable %s", f.path, name.Name)
						}
					}
				}
			}
		}
	}
}

// assignedNames gives the identifiers that are assigned to (not declared)
// without a local declaration of the same object.
func assignedNames(f *ast.File) map[string]bool {
	out := map[string]bool{}
	local := map[string]bool{}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for _, l := range n.Lhs {
				id, ok := l.(*ast.Ident)
				if !ok {
					continue
				}
				if n.Tok == token.DEFINE {
					local[id.Name] = true
				} else {
					out[id.Name] = true
				}
			}
		case *ast.Field:
			for _, id := range n.Names {
				local[id.Name] = true
			}
		case *ast.DeclStmt:
			if g, ok := n.Decl.(*ast.GenDecl); ok {
				for _, s := range g.Specs {
					if v, ok := s.(*ast.ValueSpec); ok {
						for _, id := range v.Names {
							local[id.Name] = true
						}
					}
				}
			}
		}
		return true
	})
	for name := range local {
		delete(out, name)
	}
	return out
}

func TestSecretsAreRevealedInThreePackagesOnly(t *testing.T) {
	allowed := []string{"netdev", "netdev/snmp", "netdev/cli", "internal/vault"}
	_, files := sources(t)
	for _, f := range files {
		if f.test || within(f.dir, "internal/sim") || slices.Contains(allowed, f.dir) {
			continue
		}
		ast.Inspect(f.ast, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok && s.Sel.Name == "Reveal" {
				t.Errorf("%s calls Reveal", f.path)
			}
			return true
		})
	}
}

func TestNothingDangerousIsImportedOrCalled(t *testing.T) {
	banned := []string{"os/exec", "plugin", "unsafe", "net/http/pprof"}
	_, files := sources(t)
	for _, f := range files {
		if f.test {
			continue
		}
		for _, im := range f.imports {
			if slices.Contains(banned, im) {
				t.Errorf("%s imports %s", f.path, im)
			}
		}
		ast.Inspect(f.ast, func(n ast.Node) bool {
			s, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			x, ok := s.X.(*ast.Ident)
			if ok && x.Name == "template" && (s.Sel.Name == "HTML" || s.Sel.Name == "JS" || s.Sel.Name == "HTMLAttr" || s.Sel.Name == "CSS") {
				t.Errorf("%s uses template.%s", f.path, s.Sel.Name)
			}
			if ok && x.Name == "ssh" && s.Sel.Name == "InsecureIgnoreHostKey" {
				t.Errorf("%s ignores host keys", f.path)
			}
			return true
		})
	}
}

func TestTheRootHoldsWhatItShould(t *testing.T) {
	want := []string{"LICENSE", "Makefile", "README.md", "cmd", "configstore", "discovery", "go.mod", "go.sum", "internal", "netdev", "web"}
	entries, err := os.ReadDir(testkit.Root(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), ".") && e.Name() != "bin" && !slices.Contains(want, e.Name()) {
			t.Errorf("%s lies in the root", e.Name())
		}
	}
}

func TestFilesAreSmallEnoughToRead(t *testing.T) {
	set, files := sources(t)
	for _, f := range files {
		if f.test {
			continue
		}
		for _, d := range f.ast.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || fn.Body == nil {
				continue
			}
			if n := set.Position(fn.Body.Rbrace).Line - set.Position(fn.Body.Lbrace).Line; n > 90 {
				t.Errorf("%s: %s has %d lines", f.path, fn.Name.Name, n)
			}
		}
		if n := set.Position(f.ast.End()).Line; n > 600 {
			t.Errorf("%s has %d lines", filepath.Base(f.path), n)
		}
	}
}
