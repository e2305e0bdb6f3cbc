//! The proxy that the tests of the stores put before their servers does what it says.

use std::io::ErrorKind;
use std::time::{Duration, Instant};

use crate::support::proxy::{Fault, Proxy};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::time::timeout;

const SHORT: Duration = Duration::from_millis(50);

/// A server that answers every four bytes with the same, and tells what it has answered.
async fn echo() -> (Proxy, mpsc::UnboundedReceiver<[u8; 4]>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let proxy = Proxy::start(listener.local_addr().unwrap()).await;
    let (served, log) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let served = served.clone();
            tokio::spawn(async move {
                let mut bytes = [0; 4];
                while stream.read_exact(&mut bytes).await.is_ok() {
                    let _ = served.send(bytes);
                    stream.write_all(&bytes).await.unwrap();
                }
            });
        }
    });
    (proxy, log)
}

async fn ask(stream: &mut TcpStream) -> std::io::Result<[u8; 4]> {
    let mut answer = [0; 4];
    stream.write_all(b"ping").await?;
    stream.read_exact(&mut answer).await?;
    Ok(answer)
}

#[tokio::test]
async fn round_trips_of_all_connections_are_counted() {
    let (proxy, _log) = echo().await;
    let mut one = TcpStream::connect(proxy.address()).await.unwrap();
    let mut two = TcpStream::connect(proxy.address()).await.unwrap();
    assert_eq!(proxy.round_trips(), 0);
    for _ in 0..3 {
        assert_eq!(&ask(&mut one).await.unwrap(), b"ping");
    }
    ask(&mut two).await.unwrap();
    assert_eq!(proxy.round_trips(), 4);
    proxy.reset_count();
    two.write_all(b"one burst is one").await.unwrap();
    two.read_exact(&mut [0; 16]).await.unwrap();
    assert_eq!(proxy.round_trips(), 1);
}

#[tokio::test]
async fn a_slow_answer_comes_late() {
    let (proxy, _log) = echo().await;
    let mut stream = TcpStream::connect(proxy.address()).await.unwrap();
    proxy.set(Fault::Slow(SHORT));
    let asked = Instant::now();
    assert_eq!(&ask(&mut stream).await.unwrap(), b"ping");
    assert!(asked.elapsed() >= SHORT);
}

#[tokio::test]
async fn a_black_hole_answers_nothing_and_lets_the_connection_go_when_it_ends() {
    let (proxy, mut log) = echo().await;
    let mut old = TcpStream::connect(proxy.address()).await.unwrap();
    ask(&mut old).await.unwrap();
    proxy.set(Fault::BlackHole);
    let mut new = TcpStream::connect(proxy.address()).await.unwrap();
    for stream in [&mut old, &mut new] {
        assert!(timeout(SHORT, ask(stream)).await.is_err());
    }
    assert!(log.try_recv().is_ok());
    assert!(log.try_recv().is_err(), "the server has got nothing from the black hole");
    proxy.set(Fault::None);
    assert!(ask(&mut old).await.is_err());
    let mut stream = TcpStream::connect(proxy.address()).await.unwrap();
    ask(&mut stream).await.unwrap();
}

#[tokio::test]
async fn a_reset_in_mid_answer_comes_after_the_server_has_done_its_work() {
    let (proxy, mut log) = echo().await;
    for part in [0, 2] {
        let mut stream = TcpStream::connect(proxy.address()).await.unwrap();
        proxy.set(Fault::ResetAfter(part));
        stream.write_all(b"ping").await.unwrap();
        let mut answer = Vec::new();
        let error = stream.read_to_end(&mut answer).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionReset);
        assert_eq!(answer, b"ping"[..part]);
        assert_eq!(&log.recv().await.unwrap(), b"ping");
    }
}

#[tokio::test]
async fn new_connections_are_refused_and_old_ones_cut() {
    let (proxy, _log) = echo().await;
    let mut old = TcpStream::connect(proxy.address()).await.unwrap();
    ask(&mut old).await.unwrap();
    proxy.set(Fault::Refuse);
    let mut new = TcpStream::connect(proxy.address()).await.unwrap();
    assert!(ask(&mut new).await.is_err());
    ask(&mut old).await.unwrap();
    proxy.cut();
    assert!(ask(&mut old).await.is_err());
}
