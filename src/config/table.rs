//! The one table of settings. Names, defaults and the administrators' reference come from here.

use super::setting::Fallback::{self, Computed, None as Nothing, Text};
use super::setting::Group::{self, Access, Booking, Database, Logging, Mail, Recognition, Server};
use super::setting::{Kind, Setting};

const fn setting(name: &'static str, kind: Kind, group: Group, fallback: Fallback, doc: &'static str) -> Setting {
    Setting { name, kind, group, fallback, doc }
}

/// Every setting there is, in the order of the reference.
pub const SETTINGS: &[Setting] = &[
    setting(
        "BIND_ADDRESS",
        Kind::Text,
        Server,
        Text("127.0.0.1:8000"),
        "The address and port on which jari listens, in numbers; names such as \
         `localhost:8000` are not looked up. The default can be reached from the same machine \
         only, which is right behind a reverse proxy. `0.0.0.0:8000` listens on every IPv4 \
         network, `[::]:8000` on IPv6; that takes `TLS_CERT` and `TLS_KEY`, or a word in `PLAIN_HTTP`.",
    ),
    setting(
        "PUBLIC_URL",
        Kind::Text,
        Server,
        Nothing,
        "The address under which people reach jari in their browsers: scheme, host and, if it is not the usual one, \
         port, such as `https://charge.example.kr`; no path. Identity providers send people back to it, and the links in \
         mails begin with it. With `https://` \
         browsers are told to keep to TLS for a year, for this host and those below it, and cookies work by TLS only.",
    ),
    setting(
        "TLS_CERT",
        Kind::Text,
        Server,
        Nothing,
        "The file with jari's own certificate and those between it and its authority (PEM, such as `fullchain.pem`). With \
         it and `TLS_KEY`, jari speaks HTTPS on `BIND_ADDRESS` and nothing else (TLS 1.2 and 1.3, HTTP/1.1), cookies \
         work by TLS only, and browsers are told to keep to it. Both files are looked at once a minute: a new \
         certificate is taken without a restart and without ending a connection, and one that cannot be used leaves \
         the one before in force, with a warning in the log. Leave both out where a reverse proxy on this machine has \
         the certificate.",
    ),
    setting(
        "TLS_KEY",
        Kind::Text,
        Server,
        Nothing,
        "The file with the private key of `TLS_CERT` (PEM, without a password). Only the user that runs jari should be \
         able to read it.",
    ),
    setting(
        "PLAIN_HTTP",
        Kind::Text,
        Server,
        Text("loopback"),
        "Who is served without TLS. `loopback`: this machine only; `jari serve` refuses to listen on another address \
         without `TLS_CERT`. `proxies`: the proxies of `TRUSTED_PROXIES` too, for one on another machine or in another \
         container, over a network that nobody else can listen to. `allow`: everybody who reaches the address, \
         passwords and plates in clear, for a closed network, or where something jari cannot see (a container's \
         published port on `127.0.0.1`, a tunnel) protects the way. Connections of anybody else are closed unheard.",
    ),
    setting(
        "DATA_DIR",
        Kind::Text,
        Server,
        Text("./data"),
        "The folder for what jari itself writes, the SQLite database included unless \
         `DATABASE_URL` says otherwise. Back this folder up, and let nobody but the server's \
         user read it. A relative path starts at the working directory; `~` is not replaced \
         by a home directory.",
    ),
    setting(
        "STATIC_DIR",
        Kind::Text,
        Server,
        Nothing,
        "A folder whose files are served to browsers beside the API, for a web app of your \
         own. Served from here, that app shares jari's origin: it needs no entry in \
         `CORS_ORIGINS`, and it carries the log-in cookie without being changed. It has the \
         root of the site and every address that is none of jari's; jari's own pages stay where they are (`/board`, \
         `/staff`). Everybody who reaches the server can read every file in the folder, but for those whose name, or a \
         folder's, begins with a dot.",
    ),
    setting(
        "MAX_CONNECTIONS",
        Kind::Number,
        Server,
        Text("4096"),
        "How many connections are served at the same time, from 16 to 65536; further ones \
         wait until one closes. The limit of the operating system on open files (`ulimit -n`) \
         must be somewhat higher.",
    ),
    setting(
        "MAX_CONNECTIONS_PER_ADDRESS",
        Kind::Number,
        Server,
        Text("256"),
        "How many of them one address may have, from 1 to 65536; further ones are closed at once. A /64 network counts \
         as one address. The proxies of `TRUSTED_PROXIES` are not counted; name yours there, or raise this.",
    ),
    setting(
        "RATE_REQUESTS_PER_MINUTE",
        Kind::Number,
        Server,
        Text("6000"),
        "How many requests one address may send in a minute, from 0 to 1000000; 0 means any number. Further ones are \
         answered 429. This machine's own requests are not counted. Behind a reverse proxy the address is the \
         client's only if `TRUSTED_PROXIES` names the proxy; a /64 network counts as one address.",
    ),
    setting(
        "REQUEST_TIMEOUT_SECONDS",
        Kind::Number,
        Server,
        Text("30"),
        "How long one request may take before it is ended with an error, from 1 to 300 \
         seconds.",
    ),
    setting(
        "SHUTDOWN_GRACE_SECONDS",
        Kind::Number,
        Server,
        Text("10"),
        "How long a stopping server waits for requests under way, from 0 to 300 seconds. \
         Bookings that were answered are safe however short this is. Keep it below the time \
         after which your service manager kills the process.",
    ),
    setting(
        "DATABASE_URL",
        Kind::Text,
        Database,
        Computed(
            "`ev_charging.db` in `DATA_DIR`, which is `sqlite:///./data/ev_charging.db` unless \
         `DATA_DIR` is set",
        ),
        "Where reservations are stored: a SQLite file, `sqlite:///relative/path.db` or, with \
         a fourth slash, `sqlite:////absolute/path.db`; or a PostgreSQL server, \
         `postgresql://user:password@host:5432/database`. A relative path starts at the \
         working directory. A PostgreSQL server on another machine is asked by TLS, for a certificate that is its own \
         (`sslmode=verify-full`; `sslrootcert=/path/ca.pem` names an authority that the machine does not know); \
         another `sslmode` must be given by name, such as `disable` in a closed container network, and `prefer` and \
         `allow` are refused. `postgres://` and the names of Python drivers after \
         a plus sign, such as `postgresql+psycopg://` or `sqlite+aiosqlite:///`, are accepted \
         and mean the same. Characters such as `@`, `/`, `?`, `#` and `%` in a user name or \
         password must be percent-encoded (`@` is `%40`). A database in memory is refused, \
         because it would forget every reservation at the next start. Passwords in the URL \
         are masked wherever jari prints it.",
    ),
    setting(
        "DATABASE_READ_URL",
        Kind::Text,
        Database,
        Nothing,
        "A read-only copy (streaming replica) of the PostgreSQL database, for lists and \
         reports that may be a moment old. Only possible when `DATABASE_URL` is PostgreSQL \
         too. Bookings never use it.",
    ),
    setting(
        "DATABASE_POOL_SIZE",
        Kind::Number,
        Database,
        Text("16"),
        "The most connections that jari holds open to PostgreSQL, from 1 to 256. Without \
         meaning for SQLite.",
    ),
    setting(
        "BUSINESS_TIMEZONE",
        Kind::Text,
        Booking,
        Text("Asia/Seoul"),
        "The time zone in which the site keeps its hours, by its IANA name, such as \
         `Asia/Seoul` or `Europe/Berlin`. Dates and times in requests and answers are in this \
         zone. Reservations are stored as instants, so changing the zone moves no booking; it \
         changes how each is shown.",
    ),
    setting(
        "OPENING_HOURS",
        Kind::Text,
        Booking,
        Text("09:00-22:00"),
        "From when until when bays can be booked on each day, on full or half hours; \
         `00:00-24:00` is around the clock. A reservation must end at closing time or before. \
         Reservations made under other hours stay.",
    ),
    setting(
        "BOOKING_HORIZON_DAYS",
        Kind::Number,
        Booking,
        Text("60"),
        "How many days ahead a bay can be booked, from 1 to 366. It also bounds how much the \
         lists of reservations return.",
    ),
    setting(
        "AUTO_SEED_SESSIONS",
        Kind::Switch,
        Booking,
        Text("true"),
        "Whether a start that finds no bay in the database creates four, named `세션 1` to `세션 \
         4`. A site that has bays is never touched.",
    ),
    setting(
        "MATCH_TOLERANCE",
        Kind::Text,
        Booking,
        Text("tolerant"),
        "How alike a plate that a camera read and a booked plate must be. `tolerant` forgives \
         characters that cameras confuse, as long as only one booking of that moment comes \
         into question; `exact` forgives nothing.",
    ),
    setting(
        "MATCH_EARLY_MINUTES",
        Kind::Number,
        Booking,
        Text("15"),
        "How many minutes before its start a car is `early` and no stranger, from 0 to 240.",
    ),
    setting(
        "MATCH_LATE_MINUTES",
        Kind::Number,
        Booking,
        Text("15"),
        "How many minutes after its end a car is `late` and no stranger, from 0 to 240.",
    ),
    setting(
        "CAMERA_COOL_DOWN_SECONDS",
        Kind::Number,
        Booking,
        Text("60"),
        "Within how many seconds a camera that sees the same car again sees nothing new, from 0 to 3600. Counted from \
         the last time, so a car that stands before a camera is one sighting, unless its reservation begins or ends \
         meanwhile.",
    ),
    setting(
        "RETENTION_SIGHTING_DAYS",
        Kind::Number,
        Booking,
        Text("30"),
        "After how many days sightings lose the plate that was read and its hash; the masked plate stays. `0` for \
         never. Cars that only pass by are never stored with their plate.",
    ),
    setting(
        "RETENTION_PICTURE_HOURS",
        Kind::Number,
        Booking,
        Text("24"),
        "After how many hours pictures of sightings are forgotten, from 1 to 720. A picture is kept only while a person \
         should look at it.",
    ),
    setting(
        "ACCESS_MODE",
        Kind::Text,
        Access,
        Text("accounts"),
        "`accounts`: drivers log in and see and cancel their own reservations, operators see \
         all, cameras have keys. `open`: whoever reaches the server sees every plate and \
         e-mail address and may cancel every booking, without logging in. Use `open` only in \
         a closed network, for clients that cannot log in.",
    ),
    setting(
        "ADMIN_EMAIL",
        Kind::Text,
        Access,
        Nothing,
        "The e-mail address with which the administrator logs in. If it is given without \
         `ADMIN_PASSWORD`, the first start makes a password and prints it once.",
    ),
    setting(
        "ADMIN_PASSWORD",
        Kind::Secret,
        Access,
        Nothing,
        "The administrator's password, 8 to 256 characters. It needs `ADMIN_EMAIL`. Passwords \
         that appear in documentation or that everybody tries first, such as `admin123` and \
         `changeme`, are refused.",
    ),
    setting(
        "ADMIN_TOKEN",
        Kind::Secret,
        Access,
        Nothing,
        "A fixed token that opens the administrator's calls without logging in, sent as \
         `Authorization: Bearer …`, for scripts. At least 24 characters; make one with \
         `openssl rand -hex 32`. It does not expire: whoever has it is the administrator \
         until you change it. Without it, only log-ins count.",
    ),
    setting(
        "STAFF_SESSION_HOURS",
        Kind::Number,
        Access,
        Text("12"),
        "How long a log-in of an operator or administrator lasts, and its token with it, from 1 \
         to 168 hours. It should outlast a shift, because the operators' app does not renew it.",
    ),
    setting(
        "ACCESS_TOKEN_MINUTES",
        Kind::Number,
        Access,
        Text("15"),
        "How long a driver's access token lasts, from 1 to 1440 minutes. The refresh token that \
         comes with it gets the next one; an end of the log-in works at once either way.",
    ),
    setting("SESSION_DAYS", Kind::Number, Access, Text("30"), "How long a driver stays logged in, from 1 to 365 days."),
    setting(
        "SESSION_IDLE_DAYS",
        Kind::Number,
        Access,
        Text("14"),
        "After how many days a driver's log-in ends that is not used, from 1 to 365.",
    ),
    setting(
        "STAFF_IDLE_HOURS",
        Kind::Number,
        Access,
        Text("12"),
        "After how many hours a log-in of an operator or administrator ends that is not used, from 1 to 168. By \
         default that is as long as it lasts anyway (`STAFF_SESSION_HOURS`), because an operator need not look in all \
         the time; set it lower where screens are shared. An app that asks for the day's list every few seconds is in use.",
    ),
    setting(
        "PASSWORD_LOGIN",
        Kind::Text,
        Access,
        Text("on"),
        "Who can log in with a password: `on` for everybody who has one; `administrators` for these only, in case the \
         provider is down; `off` for nobody. Without a password people come with an identity provider of \
         `OIDC_PROVIDERS`, which can ask for a second factor, and nobody registers with a password. `ADMIN_TOKEN`, \
         keys and the command line work either way.",
    ),
    setting(
        "SECOND_FACTOR",
        Kind::Text,
        Access,
        Text("optional"),
        "Who must have a second factor (codes of an authenticator app, see docs/accounts.md) beside the password: \
         `optional` for nobody, `staff` for operators and administrators, `required` for everybody. Who must and has \
         none can log in, set one up, and nothing else. Who has one is asked for a code whatever stands here. Who comes \
         with an identity provider is its to ask. `ADMIN_TOKEN` is one factor either way; leave it out with `staff`.",
    ),
    setting(
        "REGISTRATION",
        Kind::List,
        Access,
        Text("open"),
        "Who can make a driver's account: `open` for everybody, `off` for nobody, `invited` for those whom an \
         operator invited, or the domains of their e-mail addresses, such as `example.kr,example.com`. An invitation \
         counts whatever stands here, unless it is `off`.",
    ),
    setting(
        "QUOTA_OPEN_BOOKINGS",
        Kind::Number,
        Booking,
        Text("20"),
        "How many reservations that are not over one account may have, and one car, from 0 to 10000; 0 \
         means any number. Operators exceed quotas by giving a reason.",
    ),
    setting(
        "QUOTA_HOURS_PER_DAY",
        Kind::Number,
        Booking,
        Text("12"),
        "How many hours of one day one account may reserve, and one car, from 0 to 24; 0 means any \
         number.",
    ),
    setting(
        "QUOTA_DAYS_AHEAD",
        Kind::Number,
        Booking,
        Text("0"),
        "How many days ahead drivers may reserve, from 0 to 366; 0 means as far as \
         `BOOKING_HORIZON_DAYS`. Operators are bound by the horizon only.",
    ),
    setting(
        "RATE_CHANGES_PER_HOUR",
        Kind::Number,
        Booking,
        Text("60"),
        "How many times in an hour one driver may book, move and cancel, taken together, from 0 to 100000; 0 means any \
         number. Operators, keys and addresses have ten times as many, `ADMIN_TOKEN` any number. Beyond that the \
         answer is 429.",
    ),
    setting(
        "RATE_CHECKS_PER_MINUTE",
        Kind::Number,
        Booking,
        Text("60"),
        "How many times in a minute one driver may ask about a plate (verify), from 0 to 100000; 0 means any number. \
         Operators, keys and addresses have ten times as many, for verify and match together, `ADMIN_TOKEN` any \
         number. Raise it when many cameras share one key.",
    ),
    setting(
        "RETENTION_BOOKING_DAYS",
        Kind::Number,
        Booking,
        Text("365"),
        "After how many days a finished reservation loses its plate and e-mail, from 1 to 3650; 0 keeps \
         them for ever. The reservation itself stays, for statistics.",
    ),
    setting(
        "OIDC_PROVIDERS",
        Kind::Tables,
        Access,
        Nothing,
        "The identity providers (OpenID Connect) with whose accounts people can log in. It needs `PUBLIC_URL`. Each \
         has a `name`, an `issuer`, a `client_id` and a `client_secret`, and if wanted a `title`, `scopes`, a \
         `groups_claim`, `roles`, `allow_registration` and `trust_email`; docs/sign-in.md says what they do. In the \
         settings file each is a table under `[[oidc_providers]]`; elsewhere it is a JSON array of objects.",
    ),
    setting(
        "ALLOWED_HOSTS",
        Kind::List,
        Access,
        Nothing,
        "Names of hosts under which people reach jari, without ports, beside that of `PUBLIC_URL`. With \
         `ACCESS_MODE=open`, and if this or `PUBLIC_URL` is set, requests for other names are refused (421): a page of \
         another site cannot pass itself off as ours. Addresses in numbers and `localhost` always work.",
    ),
    setting(
        "TRUSTED_PROXIES",
        Kind::List,
        Access,
        Nothing,
        "The reverse proxies in front of jari, as addresses or networks (`10.0.0.5` or \
         `10.0.0.0/8`). What these say in `X-Forwarded-For` and `X-Forwarded-Proto` is believed; \
         from others it is ignored. Without it every request behind a proxy seems to come from \
         the proxy, and one guesser slows everybody's log-in down.",
    ),
    setting(
        "CORS_ORIGINS",
        Kind::List,
        Access,
        Nothing,
        "The web apps on other origins that may call this server from a browser: a list with \
         commas, such as `https://charge.example.kr, http://localhost:5173`. An origin is a \
         scheme, a host and, if it is not the usual one, a port; no path. `*` is refused, \
         because browsers do not accept it together with log-ins. Apps served by jari itself \
         need no entry.",
    ),
    setting(
        "SMTP_URL",
        Kind::Text,
        Mail,
        Nothing,
        "The server by which mails go out: `smtps://user:password@host` (TLS from the first byte, port 465) or \
         `smtp://user:password@host` (STARTTLS, port 587), with another port after the host if needed. `?tls=none` at \
         the end of `smtp://` sends unprotected, for a relay on the same machine or network; `?tls=opportunistic` \
         protects when the server offers it; neither goes with a password, except on this machine. Characters such as \
         `@`, `/` and `%` in user or password must be percent-encoded. It needs `MAIL_FROM` and `PUBLIC_URL`. Without \
         it no mail is sent, and operators hand links over themselves. The password is masked wherever jari prints it.",
    ),
    setting(
        "MAIL_FROM",
        Kind::Text,
        Mail,
        Nothing,
        "In whose name mails go out: an address, such as `no-reply@example.kr`, or `Name <no-reply@example.kr>`.",
    ),
    setting(
        "REGISTRATION_VERIFY",
        Kind::Switch,
        Mail,
        Computed("`true` if there is an `SMTP_URL`, else `false`"),
        "Whether somebody who registers must open a link in a mail before they can log in and book. Accounts that were \
         made before, by operators, by invitation or by an identity provider need not. `true` needs `SMTP_URL`.",
    ),
    setting(
        "PLATE_SERVICE_MODE",
        Kind::Text,
        Recognition,
        Computed("`gptapi` if there is an `OPENAI_API_KEY`, else `local`"),
        "What reads the plate in a picture. `gptapi`: a server that speaks the OpenAI \
         Responses API; pictures leave your site for it. `http`: a recognition service at \
         `PLATE_SERVICE_URL`. `local`: the reader built into jari; no picture leaves the \
         machine.",
    ),
    setting(
        "PLATE_SERVICE_URL",
        Kind::Text,
        Recognition,
        Text("http://localhost:8001/v1/recognize"),
        "Where pictures go in the mode `http`: each is posted as the multipart field `image`, \
         and the answer must be JSON with a field `plate`. Credentials in the URL are masked \
         wherever jari prints it.",
    ),
    setting(
        "PLATE_OPENAI_MODEL",
        Kind::Text,
        Recognition,
        Text("gpt-5-mini"),
        "The model asked in the mode `gptapi`. It must accept pictures.",
    ),
    setting(
        "PLATE_OPENAI_PROMPT",
        Kind::Text,
        Recognition,
        Text(
            "Read the number plate of the vehicle in this picture. Reply with the characters of \
         the plate only, for example 12가3456: no spaces, no label, no explanation. If several \
         vehicles are visible, read the nearest one. If no plate can be read with confidence, \
         reply NONE.",
        ),
        "What the model is told in the mode `gptapi`. The whole reply is taken for the plate, \
         so the prompt must ask for nothing else.",
    ),
    setting(
        "OPENAI_API_KEY",
        Kind::Secret,
        Recognition,
        Computed("the content of `openai-key.txt` in the working directory, if there is one"),
        "The key sent to the server of `OPENAI_BASE_URL` in the mode `gptapi`. White space \
         around it is dropped.",
    ),
    setting(
        "OPENAI_BASE_URL",
        Kind::Text,
        Recognition,
        Text("https://api.openai.com/v1"),
        "Where the Responses API is found; `/responses` is appended. Any server that speaks \
         that API serves. Use `http://` only for one on the same machine, since the key and \
         the pictures travel unprotected.",
    ),
    setting(
        "PLATE_MODEL_DIR",
        Kind::Text,
        Recognition,
        Nothing,
        "A folder with models of your own for the mode `local`: `locator.onnx`, `reader.onnx` and `reader.json`, as \
         docs/reader.md says. Without it the models in the binary read.",
    ),
    setting(
        "PLATE_SERVICE_TIMEOUT_SECONDS",
        Kind::Number,
        Recognition,
        Text("20"),
        "How long the server that reads plates may take for one picture, from 1 to 120 seconds. \
         Keep it below `REQUEST_TIMEOUT_SECONDS`.",
    ),
    setting(
        "PLATE_SERVICE_AT_ONCE",
        Kind::Number,
        Recognition,
        Text("4"),
        "How many pictures are taken and read at once, from 1 to 64; whoever sends one more is \
         asked to come back. Each takes up to 8 MiB of memory, and 20 MiB in the mode `gptapi`.",
    ),
    setting(
        "LOG_FORMAT",
        Kind::Text,
        Logging,
        Text("text"),
        "`text` for people; `json` for log collectors, one object a line.",
    ),
    setting(
        "LOG_LEVEL",
        Kind::Text,
        Logging,
        Text("info"),
        "How much is logged: `error`, `warn`, `info`, `debug` or `trace`, or `off`. Parts of \
         the program can have a level of their own: `info,jari=debug`.",
    ),
];
