package gitsrc

import (
	"context"
	"errors"
	"net"
	"net/url"
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/go-git/go-git/v5/plumbing/transport"
	gitssh "github.com/go-git/go-git/v5/plumbing/transport/ssh"
	"golang.org/x/net/proxy"
)

// go-git's ssh transport dials and shakes hands without a context: a server that
// accepts a connection and says nothing would hold a fetch, and the lock of its
// clone, for ever. The one thing that it lets its callers choose is a proxy, by the
// scheme of a URL. Ours is none: it dials as go-git does, and closes the connection
// when the fetch is to end.

// dialScheme is the scheme of the URLs that name a fetch under way.
const dialScheme = "wassist-sync-fetch"

var (
	dialing  sync.Map // the contexts of fetches, by number
	lastDial atomic.Uint64
)

func init() { //nolint:gochecknoinits // the library's register is the process's
	proxy.RegisterDialerType(dialScheme, func(u *url.URL, _ proxy.Dialer) (proxy.Dialer, error) {
		ctx, ok := dialing.Load(u.Host)
		if !ok {
			return nil, errors.New("the fetch is over")
		}
		return boundDialer{ctx.(context.Context)}, nil
	})
}

// dialer makes the connections of a fetch over ssh end with ctx. done is to be
// called when the fetch is over.
func (t target) dialer(ctx context.Context) (way transport.ProxyOptions, done func()) {
	if _, ssh := t.auth.(gitssh.AuthMethod); !ssh {
		return way, func() {}
	}
	id := strconv.FormatUint(lastDial.Add(1), 10)
	dialing.Store(id, ctx)
	return transport.ProxyOptions{URL: dialScheme + "://" + id}, func() { dialing.Delete(id) }
}

// boundDialer dials for one fetch.
type boundDialer struct{ fetch context.Context }

// Dial is DialContext without a context of its own.
func (d boundDialer) Dial(network, address string) (net.Conn, error) {
	return d.DialContext(context.Background(), network, address)
}

// DialContext dials by way of the environment's proxy (ALL_PROXY), if it names one.
func (d boundDialer) DialContext(_ context.Context, network, address string) (net.Conn, error) {
	c, err := proxy.Dial(d.fetch, network, address)
	if err != nil {
		return nil, err
	}
	return &boundConn{c, context.AfterFunc(d.fetch, func() { _ = c.Close() })}, nil
}

// boundConn is closed when its fetch is to end.
type boundConn struct {
	net.Conn
	unbind func() bool
}

// Close closes the connection.
func (c *boundConn) Close() error {
	c.unbind()
	return c.Conn.Close()
}
