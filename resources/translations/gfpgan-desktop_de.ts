<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de_DE">
<context>
    <name>AboutPage</name>
    <message>
        <source>Restores the faces in old photos with GFP-GAN, on this computer. The program is under Apache-2.0; the bundled models are for non-commercial use.</source>
        <translation>Stellt die Gesichter auf alten Fotos mit GFP-GAN wieder her, auf diesem Computer. Das Programm steht unter Apache-2.0; die mitgelieferten Modelle sind für nichtkommerzielle Zwecke.</translation>
    </message>
    <message>
        <source>Copy this report</source>
        <translation>Diesen Bericht kopieren</translation>
    </message>
</context>
<context>
    <name>Actions</name>
    <message>
        <source>&amp;Open photos…</source>
        <translation>Fotos ö&amp;ffnen…</translation>
    </message>
    <message>
        <source>Open a &amp;folder…</source>
        <translation>O&amp;rdner öffnen…</translation>
    </message>
    <message>
        <source>&amp;Export…</source>
        <translation>&amp;Exportieren…</translation>
    </message>
    <message>
        <source>Export &amp;all restored photos…</source>
        <translation>&amp;Alle wiederhergestellten Fotos exportieren…</translation>
    </message>
    <message>
        <source>&amp;Settings…</source>
        <translation>E&amp;instellungen…</translation>
    </message>
    <message>
        <source>&amp;Quit</source>
        <translation>&amp;Beenden</translation>
    </message>
    <message>
        <source>&amp;Keys and gestures</source>
        <translation>&amp;Tasten und Gesten</translation>
    </message>
    <message>
        <source>&amp;Open the log</source>
        <translation>&amp;Protokoll öffnen</translation>
    </message>
    <message>
        <source>&amp;About GFP-GAN Desktop</source>
        <translation>Ü&amp;ber GFP-GAN Desktop</translation>
    </message>
    <message>
        <source>&amp;Copy the restored photo</source>
        <translation>Das wiederhergestellte Foto &amp;kopieren</translation>
    </message>
    <message>
        <source>&amp;Paste photos</source>
        <translation>Fotos &amp;einfügen</translation>
    </message>
    <message>
        <source>&amp;Restore</source>
        <translation>&amp;Wiederherstellen</translation>
    </message>
    <message>
        <source>Restore &amp;all</source>
        <translation>&amp;Alle wiederherstellen</translation>
    </message>
    <message>
        <source>Turn &amp;left</source>
        <translation>Nach &amp;links drehen</translation>
    </message>
    <message>
        <source>Turn r&amp;ight</source>
        <translation>Nach r&amp;echts drehen</translation>
    </message>
    <message>
        <source>&amp;Straighten and crop…</source>
        <translation>&amp;Gerade richten und beschneiden…</translation>
    </message>
    <message>
        <source>&amp;Next photo</source>
        <translation>&amp;Nächstes Foto</translation>
    </message>
    <message>
        <source>&amp;Previous photo</source>
        <translation>&amp;Voriges Foto</translation>
    </message>
    <message>
        <source>&amp;Divider</source>
        <translation>&amp;Trennlinie</translation>
    </message>
    <message>
        <source>Side by &amp;side</source>
        <translation>&amp;Nebeneinander</translation>
    </message>
    <message>
        <source>&amp;After</source>
        <translation>N&amp;achher</translation>
    </message>
    <message>
        <source>&amp;Before</source>
        <translation>&amp;Vorher</translation>
    </message>
    <message>
        <source>&amp;Lens</source>
        <translation>&amp;Lupe</translation>
    </message>
    <message>
        <source>&amp;Turn the divider</source>
        <translation>Trennlinie &amp;drehen</translation>
    </message>
    <message>
        <source>Move both pictures &amp;apart</source>
        <translation>Beide Bilder &amp;getrennt bewegen</translation>
    </message>
    <message>
        <source>&amp;Fit</source>
        <translation>&amp;Einpassen</translation>
    </message>
    <message>
        <source>&amp;100 %</source>
        <translation>&amp;100 %</translation>
    </message>
    <message>
        <source>Zoom &amp;in</source>
        <translation>Ver&amp;größern</translation>
    </message>
    <message>
        <source>Zoom &amp;out</source>
        <translation>Ver&amp;kleinern</translation>
    </message>
    <message>
        <source>&amp;Mark faces</source>
        <translation>Gesichter &amp;markieren</translation>
    </message>
    <message>
        <source>&amp;Move and choose</source>
        <translation>&amp;Verschieben und wählen</translation>
    </message>
    <message>
        <source>Draw a missed &amp;face</source>
        <translation>Übersehenes &amp;Gesicht einrahmen</translation>
    </message>
    <message>
        <source>Mark eyes and &amp;mouth</source>
        <translation>Augen und &amp;Mund markieren</translation>
    </message>
    <message>
        <source>&amp;Eraser</source>
        <translation>&amp;Radierer</translation>
    </message>
    <message>
        <source>&amp;Restore brush</source>
        <translation>&amp;Wiederherstellungspinsel</translation>
    </message>
</context>
<context>
    <name>BlendControls</name>
    <message>
        <source> %</source>
        <translation> %</translation>
    </message>
    <message>
        <source>As fits the photo</source>
        <translation>Wie es zum Foto passt</translation>
    </message>
    <message>
        <source>Keep the photo&apos;s</source>
        <translation>Die des Fotos behalten</translation>
    </message>
    <message>
        <source>The model&apos;s (colourises)</source>
        <translation>Die des Modells (koloriert)</translation>
    </message>
    <message>
        <source>Keep fine detail of sharp faces</source>
        <translation>Feine Details scharfer Gesichter behalten</translation>
    </message>
    <message>
        <source>Match the photo&apos;s grain</source>
        <translation>Korn des Fotos angleichen</translation>
    </message>
    <message>
        <source>&amp;Strength</source>
        <translation>&amp;Stärke</translation>
    </message>
    <message>
        <source>&amp;Colours</source>
        <translation>&amp;Farben</translation>
    </message>
    <message>
        <source>Strength in percent</source>
        <translation>Stärke in Prozent</translation>
    </message>
    <message>
        <source>0 % is the photo as it was, 100 % the restored face</source>
        <translation>0 % ist das Foto, wie es war, 100 % das wiederhergestellte Gesicht</translation>
    </message>
</context>
<context>
    <name>CompareView</name>
    <message>
        <source>Photo, before and after</source>
        <translation>Foto, vorher und nachher</translation>
    </message>
    <message>
        <source>Before</source>
        <translation>Vorher</translation>
    </message>
    <message>
        <source>After</source>
        <translation>Nachher</translation>
    </message>
</context>
<context>
    <name>CropFrame</name>
    <message>
        <source>Crop frame</source>
        <translation>Beschnittrahmen</translation>
    </message>
</context>
<context>
    <name>DevicePage</name>
    <message>
        <source>The best there is</source>
        <translation>Das beste vorhandene</translation>
    </message>
    <message>
        <source>Processor (PyTorch)</source>
        <translation>Prozessor (PyTorch)</translation>
    </message>
    <message>
        <source>Processor (OpenVINO)</source>
        <translation>Prozessor (OpenVINO)</translation>
    </message>
    <message>
        <source>Intel graphics (OpenVINO)</source>
        <translation>Intel-Grafik (OpenVINO)</translation>
    </message>
    <message>
        <source>Intel NPU (OpenVINO)</source>
        <translation>Intel-NPU (OpenVINO)</translation>
    </message>
    <message>
        <source>NVIDIA graphics</source>
        <translation>NVIDIA-Grafik</translation>
    </message>
    <message>
        <source>Apple graphics</source>
        <translation>Apple-Grafik</translation>
    </message>
    <message>
        <source>&amp;Device</source>
        <translation>&amp;Gerät</translation>
    </message>
    <message>
        <source>As is best</source>
        <translation>Wie es am besten ist</translation>
    </message>
    <message>
        <source>&amp;Precision</source>
        <translation>Ge&amp;nauigkeit</translation>
    </message>
    <message>
        <source>&amp;Threads</source>
        <translation>&amp;Threads</translation>
    </message>
    <message>
        <source>Test this device</source>
        <translation>Dieses Gerät testen</translation>
    </message>
    <message>
        <source>What the networks run on. Results differ by less than anybody can see.</source>
        <translation>Worauf die Netze laufen. Die Ergebnisse unterscheiden sich weniger, als man sehen kann.</translation>
    </message>
    <message>
        <source>Testing; the first time a model is prepared, which takes a while …</source>
        <translation>Test läuft; beim ersten Mal wird ein Modell vorbereitet, das dauert etwas …</translation>
    </message>
    <message>
        <source>{device}: {ms} ms a face</source>
        <translation>{device}: {ms} ms je Gesicht</translation>
    </message>
</context>
<context>
    <name>EmptyState</name>
    <message>
        <source>Drop old photos here</source>
        <translation>Alte Fotos hier ablegen</translation>
    </message>
    <message>
        <source>Blurred, scratched or small: the faces in them are found and restored.
Everything happens on this computer; no photo leaves it.</source>
        <translation>Unscharf, zerkratzt oder klein: Die Gesichter darauf werden gefunden und wiederhergestellt.
Alles geschieht auf diesem Computer; kein Foto verlässt ihn.</translation>
    </message>
    <message>
        <source>Open photos…</source>
        <translation>Fotos öffnen…</translation>
    </message>
    <message>
        <source>Show the models…</source>
        <translation>Modelle zeigen…</translation>
    </message>
    <message>
        <source>It works at once with the small models that came along.
The full-size ones restore far more detail ({size} MB to download).</source>
        <translation>Mit den kleinen mitgelieferten Modellen geht es sofort los.
Die großen stellen weit mehr Einzelheiten wieder her ({size} MB zum Herunterladen).</translation>
    </message>
</context>
<context>
    <name>ExportDialog</name>
    <message numerus="yes">
        <source>Export %n photo(s)</source>
        <translation>
            <numerusform>%n Foto exportieren</numerusform>
            <numerusform>%n Fotos exportieren</numerusform>
        </translation>
    </message>
    <message>
        <source>Beside each photo</source>
        <translation>Neben jedes Foto</translation>
    </message>
    <message>
        <source>Into the folder</source>
        <translation>In den Ordner</translation>
    </message>
    <message>
        <source>Choose…</source>
        <translation>Wählen…</translation>
    </message>
    <message>
        <source>As the photo was</source>
        <translation>Wie beim Foto</translation>
    </message>
    <message>
        <source>Keep date, place and other metadata</source>
        <translation>Datum, Ort und andere Metadaten behalten</translation>
    </message>
    <message>
        <source>Keep the photo&apos;s time stamps</source>
        <translation>Zeitstempel des Fotos behalten</translation>
    </message>
    <message>
        <source>Also each restored face</source>
        <translation>Auch jedes wiederhergestellte Gesicht</translation>
    </message>
    <message>
        <source>Also a picture before and after</source>
        <translation>Auch ein Vorher-Nachher-Bild</translation>
    </message>
    <message>
        <source>Also an animation from before to after (WebP)</source>
        <translation>Auch eine Animation von vorher zu nachher (WebP)</translation>
    </message>
    <message>
        <source>Export</source>
        <translation>Exportieren</translation>
    </message>
    <message>
        <source>As the photo is</source>
        <translation>Wie das Foto</translation>
    </message>
    <message>
        <source>As the photo has it</source>
        <translation>Wie beim Foto</translation>
    </message>
    <message>
        <source>8 bits a channel</source>
        <translation>8 Bit je Kanal</translation>
    </message>
    <message>
        <source>Give the new one another name</source>
        <translation>Der neuen einen anderen Namen geben</translation>
    </message>
    <message>
        <source>Replace it</source>
        <translation>Sie ersetzen</translation>
    </message>
    <message>
        <source>Leave the photo out</source>
        <translation>Das Foto auslassen</translation>
    </message>
    <message>
        <source>Where to</source>
        <translation>Wohin</translation>
    </message>
    <message>
        <source>&amp;Name</source>
        <translation>&amp;Name</translation>
    </message>
    <message>
        <source>&amp;Format</source>
        <translation>F&amp;ormat</translation>
    </message>
    <message>
        <source>&amp;Quality</source>
        <translation>&amp;Qualität</translation>
    </message>
    <message>
        <source>&amp;Depth</source>
        <translation>Farb&amp;tiefe</translation>
    </message>
    <message>
        <source>Where a &amp;file is in the way</source>
        <translation>Wenn eine &amp;Datei im Weg ist</translation>
    </message>
    <message>
        <source>Choose a folder.</source>
        <translation>Wählen Sie einen Ordner.</translation>
    </message>
    <message>
        <source>{name} becomes {result}</source>
        <translation>Aus {name} wird {result}</translation>
    </message>
    <message>
        <source>Export into</source>
        <translation>Exportieren nach</translation>
    </message>
</context>
<context>
    <name>ExportProgress</name>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Cancel the export</source>
        <translation>Export abbrechen</translation>
    </message>
    <message>
        <source>Exporting: {done} of {total}</source>
        <translation>Export: {done} von {total}</translation>
    </message>
    <message>
        <source>Stopping after this file …</source>
        <translation>Endet nach dieser Datei …</translation>
    </message>
</context>
<context>
    <name>Exporter</name>
    <message>
        <source>&apos;{name}&apos; was not restored.</source>
        <translation>„{name}“ wurde nicht wiederhergestellt.</translation>
    </message>
</context>
<context>
    <name>FaceChip</name>
    <message>
        <source>included</source>
        <translation>dabei</translation>
    </message>
    <message>
        <source>left out</source>
        <translation>ausgelassen</translation>
    </message>
    <message>
        <source>Face {number}, {state}</source>
        <translation>Gesicht {number}, {state}</translation>
    </message>
    <message>
        <source>Space includes it or leaves it out</source>
        <translation>Die Leertaste nimmt es dazu oder lässt es aus</translation>
    </message>
</context>
<context>
    <name>FacePanel</name>
    <message>
        <source>&amp;Apply to all faces</source>
        <translation>Auf &amp;alle Gesichter anwenden</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>Modell</translation>
    </message>
    <message>
        <source>Show this face by every &amp;model</source>
        <translation>Dieses Gesicht von jedem &amp;Modell zeigen</translation>
    </message>
    <message>
        <source>No photo</source>
        <translation>Kein Foto</translation>
    </message>
    <message>
        <source>Looking for faces …</source>
        <translation>Gesichter werden gesucht …</translation>
    </message>
    <message numerus="yes">
        <source>%n face(s)</source>
        <translation>
            <numerusform>%n Gesicht</numerusform>
            <numerusform>%n Gesichter</numerusform>
        </translation>
    </message>
    <message>
        <source>Face {number}</source>
        <translation>Gesicht {number}</translation>
    </message>
    <message>
        <source>All faces</source>
        <translation>Alle Gesichter</translation>
    </message>
</context>
<context>
    <name>GeneralPage</name>
    <message>
        <source>As the system has it</source>
        <translation>Wie im System</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>Hell</translation>
    </message>
    <message>
        <source>Dark</source>
        <translation>Dunkel</translation>
    </message>
    <message>
        <source>&amp;Appearance</source>
        <translation>&amp;Aussehen</translation>
    </message>
    <message>
        <source>&amp;Language</source>
        <translation>&amp;Sprache</translation>
    </message>
    <message>
        <source>Another language is used from the next start.</source>
        <translation>Eine andere Sprache gilt ab dem nächsten Start.</translation>
    </message>
    <message>
        <source>Offer the photos of the last time at the start</source>
        <translation>Beim Start die Fotos vom letzten Mal anbieten</translation>
    </message>
</context>
<context>
    <name>Incoming</name>
    <message>
        <source>Photos</source>
        <translation>Fotos</translation>
    </message>
    <message>
        <source>Open photos</source>
        <translation>Fotos öffnen</translation>
    </message>
    <message>
        <source>Open a folder of photos</source>
        <translation>Einen Ordner mit Fotos öffnen</translation>
    </message>
    <message>
        <source>There is no photo on the clipboard.</source>
        <translation>In der Zwischenablage ist kein Foto.</translation>
    </message>
    <message>
        <source>There are no photos in there.</source>
        <translation>Darin sind keine Fotos.</translation>
    </message>
</context>
<context>
    <name>KeysDialog</name>
    <message>
        <source>Keys and gestures</source>
        <translation>Tasten und Gesten</translation>
    </message>
    <message>
        <source>On the photo</source>
        <translation>Auf dem Foto</translation>
    </message>
    <message>
        <source>Anywhere</source>
        <translation>Überall</translation>
    </message>
    <message>
        <source>Space, held</source>
        <translation>Leertaste, gehalten</translation>
    </message>
    <message>
        <source>see the photo as it was</source>
        <translation>das Foto sehen, wie es war</translation>
    </message>
    <message>
        <source>Wheel</source>
        <translation>Mausrad</translation>
    </message>
    <message>
        <source>zoom to the pointer</source>
        <translation>zum Zeiger hin vergrößern</translation>
    </message>
    <message>
        <source>Drag, or middle button</source>
        <translation>Ziehen oder mittlere Taste</translation>
    </message>
    <message>
        <source>move the photo</source>
        <translation>das Foto verschieben</translation>
    </message>
    <message>
        <source>Double click</source>
        <translation>Doppelklick</translation>
    </message>
    <message>
        <source>the whole photo, or 100 %</source>
        <translation>das ganze Foto oder 100 %</translation>
    </message>
    <message>
        <source>Click on a face</source>
        <translation>Klick auf ein Gesicht</translation>
    </message>
    <message>
        <source>choose it; once more leaves it out</source>
        <translation>auswählen; noch einmal lässt es aus</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>Entf</translation>
    </message>
    <message>
        <source>take away what is no face</source>
        <translation>wegnehmen, was kein Gesicht ist</translation>
    </message>
    <message>
        <source>Shift and arrows</source>
        <translation>Umschalt und Pfeile</translation>
    </message>
    <message>
        <source>move the divider</source>
        <translation>die Trennlinie verschieben</translation>
    </message>
    <message>
        <source>Shift and wheel</source>
        <translation>Umschalt und Mausrad</translation>
    </message>
    <message>
        <source>zoom of the lens</source>
        <translation>Vergrößerung der Lupe</translation>
    </message>
    <message>
        <source>Alt and wheel</source>
        <translation>Alt und Mausrad</translation>
    </message>
    <message>
        <source>size of the brush</source>
        <translation>Größe des Pinsels</translation>
    </message>
    <message>
        <source>Escape</source>
        <translation>Esc</translation>
    </message>
    <message>
        <source>put the tool away</source>
        <translation>das Werkzeug weglegen</translation>
    </message>
</context>
<context>
    <name>LikenessBadge</name>
    <message>
        <source>Likeness {angle}°</source>
        <translation>Ähnlichkeit {angle}°</translation>
    </message>
    <message>
        <source>How far the restored face is, at full strength, from the one in the photo, for a network that recognises people: 0° is the same picture.</source>
        <translation>Wie weit das wiederhergestellte Gesicht bei voller Stärke von dem im Foto entfernt ist, für ein Netz, das Personen erkennt: 0° ist dasselbe Bild.</translation>
    </message>
    <message>
        <source>Two different people are seldom nearer than {limit}°.</source>
        <translation>Zwei verschiedene Personen sind sich selten näher als {limit}°.</translation>
    </message>
</context>
<context>
    <name>MainWindow</name>
    <message>
        <source>The program ended unexpectedly the last time.</source>
        <translation>Das Programm wurde letztes Mal unerwartet beendet.</translation>
    </message>
    <message>
        <source>The program made a mistake. Your photos and decisions are safe; please report this.</source>
        <translation>Das Programm hat einen Fehler gemacht. Ihre Fotos und Entscheidungen sind sicher; bitte melden Sie das.</translation>
    </message>
    <message>
        <source>Open the log</source>
        <translation>Protokoll öffnen</translation>
    </message>
</context>
<context>
    <name>MenuBar</name>
    <message>
        <source>&amp;Undo</source>
        <translation>&amp;Rückgängig</translation>
    </message>
    <message>
        <source>&amp;Redo</source>
        <translation>&amp;Wiederholen</translation>
    </message>
    <message>
        <source>&amp;File</source>
        <translation>&amp;Datei</translation>
    </message>
    <message>
        <source>&amp;Edit</source>
        <translation>&amp;Bearbeiten</translation>
    </message>
    <message>
        <source>&amp;Photo</source>
        <translation>&amp;Foto</translation>
    </message>
    <message>
        <source>&amp;View</source>
        <translation>&amp;Ansicht</translation>
    </message>
    <message>
        <source>&amp;Help</source>
        <translation>&amp;Hilfe</translation>
    </message>
</context>
<context>
    <name>MessageBar</name>
    <message>
        <source>Details</source>
        <translation>Details</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Schließen</translation>
    </message>
    <message>
        <source>Close this message</source>
        <translation>Diese Meldung schließen</translation>
    </message>
    <message numerus="yes">
        <source>%n more</source>
        <translation>
            <numerusform>%n weitere</numerusform>
            <numerusform>%n weitere</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ModelRow</name>
    <message>
        <source>Download</source>
        <translation>Herunterladen</translation>
    </message>
    <message>
        <source>Download {model}</source>
        <translation>{model} herunterladen</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>Entfernen</translation>
    </message>
    <message>
        <source>Remove {model}</source>
        <translation>{model} entfernen</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>Pause</translation>
    </message>
    <message>
        <source>{done}{of} MB, {speed} MB/s</source>
        <translation>{done}{of} MB, {speed} MB/s</translation>
    </message>
    <message>
        <source>{text}, {seconds} s to go</source>
        <translation>{text}, noch {seconds} s</translation>
    </message>
</context>
<context>
    <name>ModelStrip</name>
    <message>
        <source>Likeness {angle}</source>
        <translation>Ähnlichkeit {angle}</translation>
    </message>
    <message>
        <source>Use {model}</source>
        <translation>{model} verwenden</translation>
    </message>
</context>
<context>
    <name>ModelsPage</name>
    <message>
        <source>Import files…</source>
        <translation>Dateien importieren…</translation>
    </message>
    <message>
        <source>Check all</source>
        <translation>Alle prüfen</translation>
    </message>
    <message>
        <source>Address instead of the models&apos; own</source>
        <translation>Adresse anstelle der eigenen der Modelle</translation>
    </message>
    <message>
        <source>&amp;Mirror</source>
        <translation>&amp;Spiegelserver</translation>
    </message>
    <message>
        <source>Restore faces</source>
        <translation>Gesichter wiederherstellen</translation>
    </message>
    <message>
        <source>Find faces</source>
        <translation>Gesichter finden</translation>
    </message>
    <message>
        <source>Tell hair and skin from background</source>
        <translation>Haar und Haut vom Hintergrund unterscheiden</translation>
    </message>
    <message>
        <source>Enlarge backgrounds</source>
        <translation>Hintergründe vergrößern</translation>
    </message>
    <message>
        <source>Compare likeness</source>
        <translation>Ähnlichkeit vergleichen</translation>
    </message>
    <message>
        <source>For training</source>
        <translation>Fürs Training</translation>
    </message>
    <message>
        <source>For training: prior</source>
        <translation>Fürs Training: Prior</translation>
    </message>
    <message>
        <source>For training: discriminators</source>
        <translation>Fürs Training: Diskriminatoren</translation>
    </message>
    <message>
        <source>For training: landmarks</source>
        <translation>Fürs Training: Landmarken</translation>
    </message>
    <message>
        <source>size unknown</source>
        <translation>Größe unbekannt</translation>
    </message>
    <message>
        <source>for non-commercial use</source>
        <translation>für nichtkommerzielle Zwecke</translation>
    </message>
    <message>
        <source>here</source>
        <translation>vorhanden</translation>
    </message>
    <message>
        <source>a model of yours</source>
        <translation>ein eigenes Modell</translation>
    </message>
    <message>
        <source>{size} MB in {folder}. Drop model files or archives here to import them.</source>
        <translation>{size} MB in {folder}. Legen Sie Modelldateien oder Archive hier ab, um sie zu importieren.</translation>
    </message>
    <message>
        <source>Connecting …</source>
        <translation>Verbindung wird aufgebaut …</translation>
    </message>
    <message>
        <source>{model} was removed; {size} MB are free again.</source>
        <translation>{model} wurde entfernt; {size} MB sind wieder frei.</translation>
    </message>
    <message numerus="yes">
        <source>%n model(s) checked: all are good.</source>
        <translation>
            <numerusform>%n Modell geprüft: Es ist in Ordnung.</numerusform>
            <numerusform>%n Modelle geprüft: Alle sind in Ordnung.</numerusform>
        </translation>
    </message>
    <message>
        <source>Checking …</source>
        <translation>Wird geprüft …</translation>
    </message>
    <message>
        <source>Imported: {names}.</source>
        <translation>Importiert: {names}.</translation>
    </message>
    <message>
        <source>Importing …</source>
        <translation>Wird importiert …</translation>
    </message>
    <message>
        <source>Import models</source>
        <translation>Modelle importieren</translation>
    </message>
    <message>
        <source>Paused; what came so far stays.</source>
        <translation>Angehalten; was schon da ist, bleibt.</translation>
    </message>
</context>
<context>
    <name>Outgoing</name>
    <message>
        <source>An export is under way; wait for its end, or cancel it.</source>
        <translation>Ein Export läuft; warten Sie auf sein Ende oder brechen Sie ihn ab.</translation>
    </message>
    <message>
        <source>No photo is restored yet.</source>
        <translation>Noch ist kein Foto wiederhergestellt.</translation>
    </message>
    <message>
        <source>Show in folder</source>
        <translation>Im Ordner zeigen</translation>
    </message>
    <message numerus="yes">
        <source>%n file(s) exported.</source>
        <translation>
            <numerusform>%n Datei exportiert.</numerusform>
            <numerusform>%n Dateien exportiert.</numerusform>
        </translation>
    </message>
    <message>
        <source>Nothing was exported.</source>
        <translation>Es wurde nichts exportiert.</translation>
    </message>
    <message>
        <source>The photo was copied.</source>
        <translation>Das Foto wurde kopiert.</translation>
    </message>
</context>
<context>
    <name>PhotoOptions</name>
    <message>
        <source>As it is</source>
        <translation>Wie es ist</translation>
    </message>
    <message>
        <source>{n} times as large</source>
        <translation>{n}-mal so groß</translation>
    </message>
    <message>
        <source>Si&amp;ze</source>
        <translation>&amp;Größe</translation>
    </message>
    <message>
        <source>Back&amp;ground</source>
        <translation>&amp;Hintergrund</translation>
    </message>
    <message>
        <source>Best quick way</source>
        <translation>Bester schneller Weg</translation>
    </message>
    <message>
        <source>Plain (Lanczos)</source>
        <translation>Einfach (Lanczos)</translation>
    </message>
</context>
<context>
    <name>PhotoStrip</name>
    <message>
        <source>Open photos</source>
        <translation>Fotos öffnen</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Remove from the list</source>
        <translation>Aus der Liste entfernen</translation>
    </message>
    <message numerus="yes">
        <source>%n photo(s)</source>
        <translation>
            <numerusform>%n Foto</numerusform>
            <numerusform>%n Fotos</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Restore all (%n)</source>
        <translation>
            <numerusform>Alle wiederherstellen (%n)</numerusform>
            <numerusform>Alle wiederherstellen (%n)</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Try the failed again (%n)</source>
        <translation>
            <numerusform>Fehlgeschlagenes erneut versuchen (%n)</numerusform>
            <numerusform>Fehlgeschlagene erneut versuchen (%n)</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Restore selected (%n)</source>
        <translation>
            <numerusform>Auswahl wiederherstellen (%n)</numerusform>
            <numerusform>Auswahl wiederherstellen (%n)</numerusform>
        </translation>
    </message>
    <message>
        <source>Go on</source>
        <translation>Weiter</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>Pause</translation>
    </message>
    <message numerus="yes">
        <source>%n restored</source>
        <translation>
            <numerusform>%n wiederhergestellt</numerusform>
            <numerusform>%n wiederhergestellt</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n failed</source>
        <translation>
            <numerusform>%n fehlgeschlagen</numerusform>
            <numerusform>%n fehlgeschlagen</numerusform>
        </translation>
    </message>
    <message>
        <source>{done} of {total}</source>
        <translation>{done} von {total}</translation>
    </message>
    <message>
        <source>{progress}, paused</source>
        <translation>{progress}, angehalten</translation>
    </message>
    <message>
        <source>less than a minute left</source>
        <translation>noch weniger als eine Minute</translation>
    </message>
    <message numerus="yes">
        <source>about %n minute(s) left</source>
        <translation>
            <numerusform>noch etwa %n Minute</numerusform>
            <numerusform>noch etwa %n Minuten</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>about %n hour(s) left</source>
        <translation>
            <numerusform>noch etwa %n Stunde</numerusform>
            <numerusform>noch etwa %n Stunden</numerusform>
        </translation>
    </message>
    <message>
        <source>Restore again</source>
        <translation>Erneut wiederherstellen</translation>
    </message>
    <message>
        <source>Restore</source>
        <translation>Wiederherstellen</translation>
    </message>
    <message>
        <source>Export…</source>
        <translation>Exportieren…</translation>
    </message>
    <message>
        <source>Show in folder</source>
        <translation>Im Ordner zeigen</translation>
    </message>
</context>
<context>
    <name>Presenter</name>
    <message>
        <source>Best</source>
        <translation>Bestes</translation>
    </message>
</context>
<context>
    <name>PrivacyPage</name>
    <message>
        <source>Nothing leaves this computer</source>
        <translation>Nichts verlässt diesen Computer</translation>
    </message>
    <message>
        <source>Photos are restored on this machine. The program asks no server for anything, unless you download a model: then its name is asked of the place that publishes it, or of your mirror.</source>
        <translation>Fotos werden auf diesem Computer wiederhergestellt. Das Programm fragt keinen Server, außer wenn Sie ein Modell herunterladen: Dann fragt es dort danach, wo es veröffentlicht ist, oder bei Ihrem Spiegelserver.</translation>
    </message>
    <message>
        <source>Prepared models</source>
        <translation>Vorbereitete Modelle</translation>
    </message>
    <message>
        <source>Delete them</source>
        <translation>Löschen</translation>
    </message>
    <message>
        <source>Models are converted once for this processor and kept. They may be deleted any time.</source>
        <translation>Modelle werden einmal für diesen Prozessor umgewandelt und aufgehoben. Sie dürfen jederzeit gelöscht werden.</translation>
    </message>
    <message>
        <source>{size} MB in {folder}</source>
        <translation>{size} MB in {folder}</translation>
    </message>
</context>
<context>
    <name>RestorationPage</name>
    <message>
        <source>What photos begin with when they are opened; each can be changed.</source>
        <translation>Womit Fotos beginnen, wenn sie geöffnet werden; jedes kann geändert werden.</translation>
    </message>
    <message>
        <source>Best</source>
        <translation>Bestes</translation>
    </message>
    <message>
        <source>&amp;Model</source>
        <translation>&amp;Modell</translation>
    </message>
    <message>
        <source> %</source>
        <translation> %</translation>
    </message>
    <message>
        <source>&amp;Strength</source>
        <translation>&amp;Stärke</translation>
    </message>
    <message>
        <source>As fits the photo</source>
        <translation>Wie es zum Foto passt</translation>
    </message>
    <message>
        <source>Keep the photo&apos;s</source>
        <translation>Die des Fotos behalten</translation>
    </message>
    <message>
        <source>The model&apos;s (colourises)</source>
        <translation>Die des Modells (koloriert)</translation>
    </message>
    <message>
        <source>&amp;Colours</source>
        <translation>&amp;Farben</translation>
    </message>
    <message>
        <source>Keep fine detail of sharp faces</source>
        <translation>Feine Details scharfer Gesichter behalten</translation>
    </message>
    <message>
        <source>Match the photo&apos;s grain</source>
        <translation>Korn des Fotos angleichen</translation>
    </message>
    <message>
        <source>As it is</source>
        <translation>Wie es ist</translation>
    </message>
    <message>
        <source>Twice as large</source>
        <translation>Doppelt so groß</translation>
    </message>
    <message>
        <source>Four times as large</source>
        <translation>Viermal so groß</translation>
    </message>
    <message>
        <source>Si&amp;ze</source>
        <translation>&amp;Größe</translation>
    </message>
    <message>
        <source>Best quick way</source>
        <translation>Bester schneller Weg</translation>
    </message>
    <message>
        <source>Plain (Lanczos)</source>
        <translation>Einfach (Lanczos)</translation>
    </message>
    <message>
        <source>Back&amp;ground</source>
        <translation>&amp;Hintergrund</translation>
    </message>
</context>
<context>
    <name>Session</name>
    <message numerus="yes">
        <source>%n photo(s) were open the last time.</source>
        <translation>
            <numerusform>%n Foto war letztes Mal geöffnet.</numerusform>
            <numerusform>%n Fotos waren letztes Mal geöffnet.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n of them were still to be restored.</source>
        <translation>
            <numerusform>%n davon war noch wiederherzustellen.</numerusform>
            <numerusform>%n davon waren noch wiederherzustellen.</numerusform>
        </translation>
    </message>
    <message>
        <source>Go on with them</source>
        <translation>Damit weitermachen</translation>
    </message>
</context>
<context>
    <name>SettingsPanel</name>
    <message>
        <source>Settings</source>
        <translation>Einstellungen</translation>
    </message>
    <message>
        <source>Pages</source>
        <translation>Seiten</translation>
    </message>
    <message>
        <source>General</source>
        <translation>Allgemein</translation>
    </message>
    <message>
        <source>Restoration</source>
        <translation>Wiederherstellung</translation>
    </message>
    <message>
        <source>Devices</source>
        <translation>Geräte</translation>
    </message>
    <message>
        <source>Models</source>
        <translation>Modelle</translation>
    </message>
    <message>
        <source>Privacy</source>
        <translation>Privatsphäre</translation>
    </message>
    <message>
        <source>About</source>
        <translation>Über</translation>
    </message>
</context>
<context>
    <name>StraightenView</name>
    <message>
        <source>Turn left</source>
        <translation>Nach links drehen</translation>
    </message>
    <message>
        <source>Turn right</source>
        <translation>Nach rechts drehen</translation>
    </message>
    <message>
        <source>Straighten, in tenths of a degree</source>
        <translation>Gerade richten, in Zehntelgrad</translation>
    </message>
    <message>
        <source>Reset</source>
        <translation>Zurücksetzen</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Apply</source>
        <translation>Anwenden</translation>
    </message>
</context>
<context>
    <name>ToolBar</name>
    <message>
        <source>Tools</source>
        <translation>Werkzeuge</translation>
    </message>
    <message>
        <source>Export…</source>
        <translation>Exportieren…</translation>
    </message>
    <message>
        <source>Restore</source>
        <translation>Wiederherstellen</translation>
    </message>
    <message>
        <source>Restoring…</source>
        <translation>Läuft…</translation>
    </message>
</context>
<context>
    <name>Workbench</name>
    <message>
        <source>include face</source>
        <translation>Gesicht dazunehmen</translation>
    </message>
    <message>
        <source>leave out face</source>
        <translation>Gesicht auslassen</translation>
    </message>
    <message>
        <source>remove face</source>
        <translation>Gesicht entfernen</translation>
    </message>
    <message>
        <source>These three points span no face; place them anew.</source>
        <translation>Diese drei Punkte spannen kein Gesicht auf; setzen Sie sie neu.</translation>
    </message>
    <message>
        <source>add face</source>
        <translation>Gesicht hinzufügen</translation>
    </message>
    <message>
        <source>move landmarks</source>
        <translation>Landmarken verschieben</translation>
    </message>
    <message>
        <source>erase</source>
        <translation>radieren</translation>
    </message>
    <message>
        <source>paint back</source>
        <translation>zurückmalen</translation>
    </message>
    <message>
        <source>turn and crop</source>
        <translation>drehen und beschneiden</translation>
    </message>
    <message>
        <source>turn</source>
        <translation>drehen</translation>
    </message>
    <message>
        <source>change all faces</source>
        <translation>alle Gesichter ändern</translation>
    </message>
    <message>
        <source>change face</source>
        <translation>Gesicht ändern</translation>
    </message>
    <message>
        <source>change model</source>
        <translation>Modell wechseln</translation>
    </message>
    <message>
        <source>change model of face</source>
        <translation>Modell des Gesichts wechseln</translation>
    </message>
    <message>
        <source>change size</source>
        <translation>Größe ändern</translation>
    </message>
    <message>
        <source>No face was found. Draw a box around one that was missed.</source>
        <translation>Es wurde kein Gesicht gefunden. Ziehen Sie einen Rahmen um eines, das übersehen wurde.</translation>
    </message>
    <message>
        <source>No face was found in the box. Click on both eyes and the mouth instead.</source>
        <translation>Im Rahmen wurde kein Gesicht gefunden. Klicken Sie stattdessen auf beide Augen und den Mund.</translation>
    </message>
</context>
</TS>
