//! What the operators' pages say, in both languages; see the texts of every page for how.

use super::super::texts::texts;
use crate::domain::lang::Lang;

texts! {
    /// What the operators' pages say.
    StaffTexts {
        menu: "운영 메뉴", "Operations menu";
        nav_today: "오늘", "Today";
        nav_review: "확인 대기", "Review";
        nav_search: "예약 찾기", "Find bookings";
        nav_book: "대신 예약", "Book for someone";
        nav_bays: "자리", "Bays";
        nav_cameras: "카메라", "Cameras";
        nav_people: "사용자", "People";
        nav_reports: "통계", "Reports";
        nav_audit: "감사 기록", "Audit trail";
        nav_keys: "기기 키", "Keys";
        nav_settings: "설정", "Settings";

        today_title: "오늘 현황", "Today";
        as_of: "{} 기준", "As of {}";
        reviews_wait: "사람이 확인할 차량이 {}건 있습니다.", "Doubtful sightings that wait for a person: {}.";
        quarantine_waits: "이해하지 못한 카메라 요청이 {}건 있습니다.", "Requests of cameras that were not understood: {}.";
        here_title: "도착한 차량", "Here now";
        here_none: "지금 이용 중이고 카메라가 확인한 차량이 없습니다.", "No car with a running booking has been seen.";
        late_title: "아직 오지 않은 차량", "Late";
        late_since: "시작한 지 {}분, 아직 보이지 않음", "started {} min ago, not seen";
        unwatched_title: "이용 중 (카메라 없음)", "In progress, out of sight of cameras";
        not_watched: "이 자리를 보는 카메라가 없습니다.", "No camera looks at this bay.";
        next_title: "다음 예약", "Coming next today";
        next_none: "오늘 남은 예약이 없습니다.", "Nothing more is booked today.";
        in_minutes: "{}분 뒤", "in {} min";
        free_title: "지금 빈 자리", "Free now";
        free_none: "지금 빈 자리가 없습니다.", "No bay is free now.";
        free_closed: "사용 중지된 자리: {}", "Closed bays: {}";
        seen_title: "카메라가 마지막으로 본 차량", "Seen last";
        seen_none: "카메라가 아직 아무 차량도 보지 못했습니다.", "The cameras have seen nothing yet.";
        seen_no_cameras: "카메라가 없습니다. 카메라를 추가하면 차량이 자동으로 확인됩니다.", "There are no cameras. Add one, and cars are recognised as they come.";
        seen_at: "{}, {}에서 봄", "seen {} by {}";
        left_at: "{}, {}에서 나감", "seen leaving {} by {}";
        camera_removed: "없앤 카메라", "a removed camera";
        no_plate: "읽은 번호 없음", "no plate read";
        state_matched: "예약 차량", "matched";
        state_passing: "지나가는 차량", "passing by";
        state_review: "확인 필요", "to review";
        state_accepted: "확인함", "accepted";
        state_corrected: "고침", "corrected";
        state_rejected: "아님", "rejected";
        how_exact: "번호가 정확히 같음", "read exactly as booked";
        how_tolerant: "읽은 번호 {}, 예약 번호 {}", "read {}, booked {}";
        how_tolerant_unknown: "비슷한 예약 번호와 맞음", "near enough to a booked plate";
        why_nothing_expected: "그때 기다리던 차량이 없음", "no car was expected then";
        why_unreadable: "번호를 읽지 못함", "the plate could not be read";
        why_too_far: "기다리던 차량과 다름", "unlike every expected plate";
        why_two_alike: "비슷한 예약 차량이 둘 이상", "two expected plates are about as near";
        why_serial_differs: "뒤 네 자리가 다름", "the last four digits differ too much";
        why_tolerance_off: "정확히 같을 때만 인정하도록 설정됨", "only exact reads count here";
        why_other: "일치하지 않음", "no match";
        arrival_early: "예약보다 일찍", "before its time";
        arrival_on_time: "예약 시간 안", "in its time";
        arrival_late: "예약이 끝난 뒤", "after its time";

        col_bay: "자리", "Bay";
        col_plate: "차량 번호", "Plate";
        col_time: "시간", "Time";
        col_seen: "확인", "Seen";
        col_late: "상황", "How late";
        col_starts: "시작까지", "Starts";
        col_camera: "카메라", "Camera";
        col_read: "읽은 번호", "Read";
        col_became: "결과", "Outcome";
        col_why: "이유", "Why";
        col_confidence: "확신도", "Confidence";
        col_distance: "차이", "Distance";
        col_email: "이메일", "E-mail";
        col_status: "상태", "Status";
        col_account: "계정", "Account";
        col_number: "번호", "No.";
        col_name: "이름", "Name";
        col_change: "바꾸기", "Change";
        col_place: "위치", "Looks at";
        col_last_seen: "마지막 수신", "Heard last";
        col_format: "형식", "Format";
        col_clock: "시계", "Clock";
        col_kind: "종류", "Type";
        col_size: "크기", "Size";
        col_times: "횟수", "Times";
        col_role: "역할", "Role";
        col_since: "가입일", "Since";
        col_factor: "2단계 인증", "Second factor";
        col_until: "만료", "Until";
        col_scope: "용도", "Scope";
        col_actor: "누가", "Who";
        col_action: "무엇을", "What";
        col_object: "대상", "On what";
        col_before: "이전", "Before";
        col_after: "이후", "After";
        col_address: "주소", "Address";
        col_setting: "설정", "Setting";
        col_value: "값", "Value";
        col_origin: "출처", "From";
        col_hour: "시", "Hour";
        col_booked: "예약 시간", "Booked";
        col_share: "이용률", "Used";
        col_all: "전체", "All";

        unknown: "알 수 없음", "unknown";
        nothing: "없음", "none";
        change: "바꾸기", "Change";
        save: "저장", "Save";
        next_page: "다음", "Next page";
        first_page: "처음으로", "First page";
        from_day: "첫날", "From day";
        until_day: "마지막 날", "Until day";
        any_bay: "아무 자리나", "Any bay";
        entrance: "입구", "entrance";
        shown_once: "지금 한 번만 보입니다. 다른 곳에 적어 두세요.", "This is shown only once. Keep it now.";
        kept: "적어 두었습니다", "I have kept it";
        download: "내려받기", "Download";
        revoke: "없애기", "Revoke";
        day: "날짜", "Day";
        start: "시작", "From";
        end: "종료", "Until";

        review_title: "확인 대기", "Review";
        review_lead: "읽은 번호가 확실하지 않은 차량입니다. 하나씩 열어 어느 차량인지 정해 주세요.", "Cars whose plates were read doubtfully. Open one and say which car it is.";
        review_none: "확인할 차량이 없습니다.", "Nothing waits for a person.";
        review_one_title: "이 차량은 누구인가요?", "Which car is this?";
        review_read_title: "카메라가 읽은 것", "What was read";
        review_expected_title: "그때 기다리던 차량", "Expected then";
        review_distance: "차이가 0에 가까울수록 비슷합니다.", "The nearer the distance is to 0, the more alike.";
        review_no_expected: "비슷한 예약 차량이 없습니다.", "No expected car is near.";
        expected_cars: "그때 기다리던 차량은 모두 {}대입니다.", "Cars expected around then: {}.";
        picture_of: "{} 카메라가 {}에 찍은 사진", "Picture by {}, {}";
        no_picture: "사진이 없거나 지워졌습니다.", "There is no picture, or it was forgotten.";
        review_decide_title: "결정", "Decide";
        review_accept: "{} 차량이 맞음", "It is {}";
        review_reject: "예약 차량이 아님", "It is no booked car";
        review_correct_plate: "사진에 보이는 번호", "The plate in the picture";
        review_correct: "이 번호로 고치기", "Correct it";
        review_back: "목록으로", "Back to the queue";
        done_reviewed: "저장했습니다.", "Your decision was stored.";

        search_title: "예약 찾기", "Find bookings";
        search_button: "찾기", "Search";
        search_hint: "차량 번호나 이메일 없이 찾으면 오늘부터의 예약을 보여 줍니다.", "Without a plate or an e-mail, bookings from today on are shown.";
        search_found: "찾은 예약", "Found";
        search_none: "조건에 맞는 예약이 없습니다. 날짜를 넓히거나 취소된 예약도 포함해 보세요.", "No booking fits. Try other days, or include cancelled ones.";
        with_cancelled: "취소된 예약도", "Cancelled ones too";
        plate_forgotten: "지워진 번호", "forgotten";
        show_account: "계정 보기", "Show the account";
        override_reason: "한도를 넘기는 이유 (필요할 때)", "Reason to exceed the limits (if needed)";
        cancel_reason: "취소하는 이유", "Reason for cancelling";
        seen_of_title: "카메라가 본 것", "Seen by cameras";
        seen_of_none: "이 예약의 차량을 본 카메라가 없습니다.", "No camera has seen this car.";
        history_title: "이 예약의 기록", "What happened to it";
        book_title: "대신 예약하기", "Book for someone";
        book_lead: "이메일을 적으면 그 사람이 자기 예약을 찾을 수 있습니다.", "With an e-mail, the person can be reached and the booking found.";
        contact_email: "연락 이메일 (선택)", "Their e-mail (optional)";
        book_button: "예약하기", "Book";

        bays_title: "자리", "Bays";
        bays_none: "등록된 자리가 없습니다. 아래에서 추가해 주세요.", "There are no bays yet. Add one below.";
        bays_back: "자리 목록으로", "Back to the bays";
        bay_open: "사용 중", "open";
        bay_closed: "사용 중지", "closed";
        closed_since: "{}부터", "since {}";
        bay_add_title: "자리 추가", "Add a bay";
        bay_add: "추가", "Add";
        bay_rename_title: "이름 바꾸기", "Rename";
        bay_close_title: "사용 중지", "Close it";
        bay_close_lead: "새 예약을 받지 않습니다. 이미 한 예약은 그대로이니 필요하면 따로 옮기거나 취소해 주세요.", "It takes no new bookings. Bookings that stand are left alone: move or cancel them yourself.";
        bay_reason_title: "중지 사유 바꾸기", "Change the reason";
        bay_reason: "운전자에게 보일 사유", "Reason, shown to drivers";
        bay_close: "사용 중지하기", "Close this bay";
        bay_close_for_title: "얼마 동안 닫기", "Close it for a time";
        bay_close_for_lead: "그 시간에는 예약이 들어오지 않습니다. 이미 예약이 있으면 닫히지 않으니 먼저 옮기거나 취소해 주세요.", "No booking gets in during that time. Where one stands already nothing is closed: move or cancel it first.";
        bay_close_for: "이 시간 동안 닫기", "Close for this time";
        bay_close_from_day: "첫날", "First day";
        bay_close_from_time: "첫날 몇 시부터", "From, on the first day";
        bay_close_until_day: "마지막 날", "Last day";
        bay_close_until_time: "마지막 날 몇 시까지", "Until, on the last day";
        bay_reopen_title: "다시 열기", "Reopen it";
        bay_reopen: "다시 열기", "Reopen this bay";
        done_bay_added: "자리를 추가했습니다.", "The bay was added.";
        done_bay_changed: "자리를 바꾸었습니다.", "The bay was changed.";

        cameras_title: "카메라", "Cameras";
        cameras_none: "카메라가 없습니다. 아래에서 추가해 주세요.", "There are no cameras yet. Add one below.";
        cameras_back: "카메라 목록으로", "Back to the cameras";
        camera_on: "켜짐", "on";
        camera_off: "꺼짐", "off";
        camera_silent: "하루 넘게 조용함", "silent for a day";
        never_seen: "아직 없음", "never";
        clock_right: "정확함", "right";
        clock_ahead: "{} 빠름", "{} ahead";
        clock_behind: "{} 느림", "{} behind";
        seconds: "{}초", "{} s";
        minutes: "{}분", "{} min";
        hours: "{}시간", "{} h";
        camera_add_title: "카메라 추가", "Add a camera";
        camera_add: "추가", "Add";
        camera_zone: "카메라 시계의 시간대", "Time zone of its clock";
        key_addresses: "허용할 주소나 대역 (비우면 어디서나)", "Addresses or networks it may come from (empty for any)";
        key_addresses_short: "허용 주소", "From where";
        key_days: "키 유효 기간(일)", "Days its key holds";
        camera_url: "카메라에 넣을 주소", "Address for the camera";
        camera_bearer: "키", "Key";
        camera_header_url: "키를 헤더로 보내는 카메라의 주소", "Address for cameras that send the key as a header";
        camera_url_lead: "첫 번째 주소에는 키가 들어 있습니다. 헤더를 보낼 수 있는 카메라는 두 번째 주소에 Authorization: Bearer 헤더로 키를 보내도 됩니다.", "The first address has the key in it. A camera that can send a header may send the key as Authorization: Bearer to the second address instead.";
        camera_switch_title: "켜고 끄기", "On and off";
        camera_switch_lead: "꺼진 카메라가 보내는 것은 받지 않습니다.", "What a camera sends that is off is refused.";
        camera_switch_on: "켜기", "Switch it on";
        camera_switch_off: "끄기", "Switch it off";
        camera_key_title: "새 키", "New key";
        camera_key_lead: "새 키를 만들면 이전 키는 바로 끝납니다.", "The key it has now ends at once.";
        camera_key_new: "새 키 만들기", "Make a new key";
        camera_remove_title: "없애기", "Remove";
        camera_remove_lead: "이미 본 것은 남습니다.", "What it saw stays.";
        camera_remove: "카메라 없애기", "Remove this camera";
        camera_remove_ask: "이 카메라를 없앨까요?", "Remove this camera?";
        done_camera_changed: "카메라를 바꾸었습니다.", "The camera was changed.";
        done_camera_removed: "카메라를 없앴습니다.", "The camera was removed.";
        quarantine_title: "이해하지 못한 요청", "Not understood";
        quarantine_lead: "카메라가 보냈지만 형식을 이해하지 못해 그대로 보관한 것입니다. 새 버전이 이해하게 되면 다시 읽을 수 있습니다.", "What cameras sent that was not understood is kept as it came. A later version may understand it: then read it again.";
        quarantine_none: "보관된 요청이 없습니다.", "Nothing is kept.";
        replay: "모두 다시 읽기", "Read them again";
        replayed: "이해함 {}건, 저장한 차량 {}건, 아직 이해하지 못함 {}건", "Understood: {}; sightings stored: {}; still not understood: {}.";
        bytes: "{}바이트", "{} bytes";
        discard: "지우기", "Delete";
        discard_ask: "지우면 되돌릴 수 없습니다. 지울까요?", "This cannot be undone. Delete it?";
        done_discarded: "지웠습니다.", "It was deleted.";

        people_title: "사용자", "People";
        people_none: "맞는 계정이 없습니다.", "No account fits.";
        people_back: "사용자 목록으로", "Back to the list of people";
        people_email: "이메일로 찾기", "Find by e-mail";
        masked_lead: "이메일을 가려서 보여 줍니다.", "E-mails are masked.";
        unmask: "모두 보기 (기록에 남음)", "Show them (this is recorded)";
        role_driver: "운전자", "driver";
        role_operator: "운영자", "operator";
        role_administrator: "관리자", "administrator";
        account_good: "사용 중", "active";
        account_disabled: "사용 중지", "disabled";
        account_unproved: "이메일 확인 전", "e-mail not confirmed";
        not_manageable: "운영자와 관리자의 계정은 관리자만 바꿀 수 있습니다.", "Only administrators change accounts of operators and administrators.";
        role_title: "역할", "Role";
        password_link_title: "비밀번호 링크", "Password link";
        password_link_what: "본인에게 직접 전해 줄 링크를 만듭니다. 한 시간 동안 한 번만 쓸 수 있습니다.", "Makes a link for its owner to choose a new password: hand it over yourself. It works once, for an hour.";
        password_link_lead: "본인에게 직접 전해 주세요. 한 시간 동안 한 번만 쓸 수 있습니다.", "Hand it to its owner. It works once, for an hour.";
        password_link_make: "링크 만들기", "Make a link";
        disable_title: "로그인", "Logging in";
        disable_lead: "사용을 중지하면 바로 로그아웃되고 다시 로그인할 수 없습니다. 예약은 그대로입니다.", "Who is disabled is logged out at once and cannot log in. Their bookings stay.";
        disable: "사용 중지", "Disable";
        enable: "다시 사용", "Enable";
        factor_none: "꺼져 있음", "off";
        factor_since: "{}부터", "since {}";
        factor_title: "2단계 인증 해제", "Remove the second factor";
        factor_lead: "휴대전화와 복구 코드를 모두 잃은 사람에게만 쓰세요.", "For somebody who lost both phone and recovery codes.";
        factor_ask: "이 계정의 2단계 인증을 없앨까요?", "Remove the second factor of this account?";
        factor_remove: "2단계 인증 없애기", "Remove it";
        done_account_changed: "계정을 바꾸었습니다.", "The account was changed.";
        done_factor_removed: "2단계 인증을 없앴습니다.", "The second factor was removed.";
        invitations_title: "초대", "Invitations";
        invitations_open: "아직 쓰지 않은 초대", "Not used yet";
        invitations_none: "기다리는 초대가 없습니다.", "No invitation waits.";
        invite_title: "초대하기", "Invite somebody";
        invite: "초대", "Invite";
        invitation_made: "초대했습니다", "Invited";
        invitation_lead: "초대받은 사람에게 이 링크를 전해 주세요. 7일 동안 한 번만 쓸 수 있습니다.", "Hand this link to the person. It works once, for seven days.";
        mailed: "메일로도 보냈습니다.", "It was also mailed.";
        done_invitation_revoked: "초대를 없앴습니다.", "The invitation was revoked.";

        keys_title: "기기 키", "Machines' keys";
        keys_lead: "다른 프로그램이 이 서버를 부를 때 쓰는 키입니다. 카메라는 카메라 페이지에서 추가하면 키도 함께 만들어집니다.", "With a key, another program may call this server. A camera gets its own when it is added on the page of cameras.";
        keys_none: "키가 없습니다.", "There are no keys.";
        scope_camera: "카메라: 번호를 확인", "camera: matches plates";
        scope_export: "내보내기: 목록 읽기만", "export: reads lists, changes nothing";
        scope_integration: "연동: 대신 예약, 이동, 취소", "integration: books, moves and cancels for people";
        anywhere: "어디서나", "anywhere";
        key_over: "만료됨", "over";
        key_make_title: "키 만들기", "Make a key";
        key_make: "만들기", "Make it";
        key_how: "Authorization: Bearer 헤더로 보내거나 /k/키/api/… 주소로 부르세요.", "Send it as Authorization: Bearer, or call /k/KEY/api/….";
        key_revoke_ask: "이 키를 없앨까요? 쓰고 있는 기기는 바로 거절됩니다.", "Revoke this key? Whatever uses it is refused at once.";
        done_key_revoked: "키를 없앴습니다.", "The key was revoked.";

        audit_title: "감사 기록", "Audit trail";
        audit_lead: "누가 언제 무엇을 했는지 남긴 기록입니다. 아무도 바꿀 수 없도록 사슬로 이어져 있습니다.", "Who did what, and when. Records are chained, so that a change of one shows.";
        audit_actor: "누가 (예: account:번호)", "Who, such as account:ID";
        audit_action: "무엇을 (앞부분, 예: reservation.)", "What, by its beginning, such as reservation.";
        audit_object: "대상 (예: bay:1)", "On what, such as bay:1";
        audit_none: "맞는 기록이 없습니다.", "No record fits.";
        audit_verify: "사슬 확인", "Check the chain";
        audit_download: "모두 내려받기 (NDJSON)", "Download all (NDJSON)";
        audit_whole: "기록 {}건이 모두 온전합니다.", "All {} records are whole.";
        audit_changed: "{}번 기록이 나중에 바뀌었습니다.", "Record {} was changed after it was written.";
        audit_missing: "{}번 앞의 기록이 없습니다.", "Records are missing before record {}.";
        audit_not_following: "{}번 기록이 앞 기록과 이어지지 않습니다.", "Record {} does not follow the one before it.";
        audit_cut: "기록이 {}번에서 끝나지만 {}건이 있어야 합니다.", "The trail ends at record {}, but {} were written.";

        reports_title: "통계", "Reports";
        choose_period: "기간 고르기", "Choose a period";
        last_days: "최근 {}일", "Last {} days";
        period: "{} – {}", "{} – {}";
        reservations_counted: "예약 {}건", "Bookings: {}";
        report_cut: "예약이 너무 많아 일부만 셌습니다.", "There were too many bookings: only a part was counted.";
        occupancy_title: "요일과 시간별 이용률", "Use by hour and weekday";
        occupancy_lead: "운영 시간 가운데 예약된 시간의 비율(%)입니다. 취소된 예약은 세지 않습니다.", "How much of the opening hours was booked, in percent. Cancelled bookings do not count.";
        occupancy_desc: "칸마다 숫자가 있고, 진할수록 많이 예약된 시간입니다. 같은 숫자가 표에도 있습니다.", "Each cell has its number; the darker, the more was booked. The table has the same numbers.";
        occupancy_caption: "시간별, 요일별 예약된 비율", "Share that was booked, by hour and weekday";
        utilisation_title: "자리별 이용률", "Use by bay";
        utilisation_desc: "막대가 길수록 많이 예약된 자리입니다. 같은 숫자가 표에도 있습니다.", "The longer the bar, the more was booked. The table has the same numbers.";
        utilisation_caption: "자리별 예약된 시간과 비율", "Hours booked, and their share of the opening hours";
        hours_booked: "{}시간", "{} h";
        shows_title: "노쇼", "No-shows";
        shows_lead: "끝난 예약 가운데 카메라가 볼 수 있었던 것만 셉니다.", "Of bookings that are over, only those that a camera could have seen are counted.";
        shows_over: "카메라가 볼 수 있었던 예약", "A camera could have seen";
        shows_seen: "차량이 온 예약", "The car was seen";
        shows_missed: "차량이 오지 않은 예약", "The car was not seen";
        shows_unknown: "알 수 없는 예약", "Nobody can tell";
        recognition_title: "번호 인식", "How plates were recognised";
        recognition_none: "이 기간에 카메라가 본 차량이 없습니다.", "The cameras saw nothing in this period.";
        recognition_desc: "기간마다 본 차량 수를 쌓은 막대입니다. 가장 높은 막대는 {}대입니다. 같은 숫자가 표에도 있습니다.", "Stacked columns of the cars seen; the highest stands for {}. The table has the same numbers.";
        recognition_caption: "기간별 인식 결과와 평균 확신도", "What became of what was seen, and the readers' mean confidence";
        recognised_exact: "정확히 일치", "exact";
        recognised_tolerant: "비슷해서 일치", "tolerant";
        recognised_person: "사람이 확인", "to a person";
        recognised_nobody: "예약 없음", "nobody's";
        download_title: "예약 내려받기", "Take the bookings away";
        download_lead: "운영자가 볼 수 있는 개인정보가 들어 있으며, 내려받은 사실이 기록됩니다. 취소된 예약은 끝에 있습니다.", "The file has personal data, and that you took it is recorded. Cancelled bookings stand at the end.";
        download_csv: "CSV 내려받기", "Download CSV";
        download_ndjson: "NDJSON 내려받기", "Download NDJSON";

        settings_title: "설정", "Settings";
        settings_list_title: "지금 쓰는 설정", "In force";
        settings_lead: "비밀 값은 ***로 가립니다. 바꾸려면 설정 파일이나 환경 변수를 고치고 서버를 다시 시작해 주세요.", "Secrets are shown as ***. To change one, edit the settings file or the environment and start the server again.";
        findings_title: "살펴볼 점", "Worth a look";
        findings_none: "눈에 띄는 문제가 없습니다.", "Nothing stands out.";
        grave: "문제", "wrong";
        finding_not_writable: "저장소에 쓸 수 없습니다.", "Nothing can be written to the storage.";
        finding_open_mode: "공개 모드입니다. 누구나 로그인 없이 모든 예약을 보고 바꿀 수 있습니다 (ACCESS_MODE).", "Open mode: anybody sees and changes every booking without logging in (ACCESS_MODE).";
        finding_no_mails: "메일을 보내지 않습니다. 비밀번호 링크와 초대는 직접 전해야 합니다 (SMTP_URL).", "No mails are sent: hand password links and invitations over yourself (SMTP_URL).";
        finding_no_second_factor: "운영자가 비밀번호만으로 로그인할 수 있습니다 (SECOND_FACTOR).", "Operators can log in with a password alone (SECOND_FACTOR).";
        finding_kept_for_ever: "끝난 예약의 번호와 이메일을 계속 보관합니다 (RETENTION_BOOKING_DAYS).", "Plates and e-mails of finished bookings are kept for ever (RETENTION_BOOKING_DAYS).";
        finding_camera_silent: "{} 카메라가 하루 넘게 아무것도 보내지 않았습니다.", "The camera {} has sent nothing for a day.";
        finding_camera_clock: "{} 카메라의 시계가 맞지 않습니다.", "The clock of the camera {} is off.";
        examine_lead: "데이터베이스 전체를 읽어 손상이 없는지 확인합니다. 크면 몇 초 걸립니다.", "Reads the whole database and looks for damage. A large one takes some seconds.";
        examine: "데이터베이스 검사", "Examine the database";
        database_good: "데이터베이스가 온전합니다 ({}, 스키마 {}).", "The database is whole ({}, schema {}).";
        database_not_latest: "데이터베이스의 스키마가 최신이 아닙니다.", "The schema of the database is not the latest.";
        database_damaged: "데이터베이스가 손상되었습니다: {}", "The database is damaged: {}";
        database_inconsistent: "예약과 맞지 않는 30분 칸이 {}개 있습니다.", "Half hours that do not fit their bookings: {}.";
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_languages_have_the_same_places_and_korean_is_korean() {
        for (name, ko, en) in StaffTexts::ALL {
            assert_eq!(ko.matches("{}").count(), en.matches("{}").count(), "{name}");
            assert!(!ko.trim().is_empty() && !en.trim().is_empty(), "{name}");
            let hangul = |text: &str| text.chars().any(|c| ('가'..='힣').contains(&c));
            assert!(*name == "period" || hangul(ko), "{name} is not Korean");
            assert!(!hangul(en), "{name} is not English");
        }
    }

    #[test]
    fn every_text_is_said_somewhere() {
        fn name(rest: &str) -> Option<&str> {
            rest.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next()
        }
        let mut said = String::new();
        for folder in ["templates/staff", "src/http/web/staff"] {
            for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
                if !entry.path().ends_with("texts.rs") {
                    said.push_str(&std::fs::read_to_string(entry.path()).expect("a text"));
                }
            }
        }
        said.push_str(&std::fs::read_to_string("src/http/web/staff.rs").expect("a text"));
        let said: std::collections::HashSet<&str> =
            said.match_indices("t.").filter_map(|(at, _)| name(&said[at + 2..])).collect();
        let unsaid: Vec<_> =
            StaffTexts::ALL.iter().map(|(name, ..)| *name).filter(|name| !said.contains(name)).collect();
        assert!(unsaid.is_empty(), "{unsaid:?}");
    }
}
