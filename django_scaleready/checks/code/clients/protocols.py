"""Connections by one protocol, mostly of Python's own modules, that wait for ever by themselves."""

# The position at which a time-out may stand without its name.
CLIENTS = {
    "smtplib.SMTP": 3,
    "smtplib.SMTP_SSL": 5,
    "ftplib.FTP": 4,
    "ftplib.FTP_TLS": 6,
    "imaplib.IMAP4": 2,
    "imaplib.IMAP4_SSL": 3,
    "poplib.POP3": 2,
    "poplib.POP3_SSL": 4,
    "telnetlib.Telnet": 2,
    "http.client.HTTPConnection": 2,
    "http.client.HTTPSConnection": 4,
    "socket.create_connection": 1,
    **{
        f"{module}.{name}": 2
        for module in ("imap_tools", "imap_tools.mailbox")
        for name in ("MailBox", "MailBoxStartTls", "MailBoxTls", "MailBoxUnencrypted")
    },
}
# A server that is named where it is connected to, and not in a text that may say how long.
DATABASES = frozenset({"psycopg.connect", "psycopg2.connect"})
# What connects as soon as it is called.
AT_ONCE = CLIENTS.keys() | DATABASES
# Made without a host, they connect later.
HOSTLESS = frozenset({"ftplib.FTP", "ftplib.FTP_TLS", "smtplib.SMTP", "smtplib.SMTP_SSL"})
